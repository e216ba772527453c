"""rate, increase, delta, irate, idelta, changes, resets."""

from __future__ import annotations

from vedette.kernels import window_counters, window_starts
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.functions.mixed import growth, last_growth, turns
from vedette.metrics.promql.functions.ranges import (
    Float64s,
    Kernel,
    RangeFunction,
    Uint8s,
    Windows,
    register,
)

KINDS = {"rate": 0, "increase": 1, "delta": 2, "irate": 3, "idelta": 4, "changes": 5, "resets": 6}


def _kernel(name: str) -> Kernel:
    kind = KINDS[name]
    knows_starts = name in ("rate", "increase", "irate", "resets")

    def run(batch: SampleBatch, w: Windows, out: Float64s, present: Uint8s) -> None:
        columns = (batch.offsets, batch.timestamps, batch.values)
        if knows_starts and batch.starts is not None:
            window_starts.run(kind, *columns, batch.starts, w.first, w.step, w.span, out, present)
        else:
            window_counters.run(kind, *columns, w.first, w.step, w.span, out, present)

    return run


register(
    RangeFunction("rate", _kernel("rate"), growth(counter=True, per_second=True), counter=True),
    RangeFunction("increase", _kernel("increase"), growth(counter=True, per_second=False), counter=True),
    RangeFunction("delta", _kernel("delta"), growth(counter=False, per_second=False)),
    RangeFunction("irate", _kernel("irate"), last_growth(counter=True)),
    RangeFunction("idelta", _kernel("idelta"), last_growth(counter=False)),
    RangeFunction("changes", _kernel("changes"), turns(resets=False)),
    RangeFunction("resets", _kernel("resets"), turns(resets=True)),
)
