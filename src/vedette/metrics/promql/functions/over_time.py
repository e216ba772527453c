"""The `*_over_time` family."""

from __future__ import annotations

from vedette.kernels import window_reduce
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.functions import mixed
from vedette.metrics.promql.functions.ranges import (
    Float64s,
    Kernel,
    RangeFunction,
    Uint8s,
    Windows,
    register,
)


def _kernel(kind: int) -> Kernel:
    def run(batch: SampleBatch, w: Windows, out: Float64s, present: Uint8s) -> None:
        window_reduce.run(
            kind,
            batch.offsets,
            batch.timestamps,
            batch.values,
            w.first,
            w.step,
            w.span,
            w.params,
            out,
            present,
        )

    return run


register(
    RangeFunction("sum_over_time", _kernel(0), mixed.summed(average=False)),
    RangeFunction("avg_over_time", _kernel(1), mixed.summed(average=True)),
    RangeFunction("stdvar_over_time", _kernel(2), mixed.floats_only(_kernel(2))),
    RangeFunction("stddev_over_time", _kernel(3), mixed.floats_only(_kernel(3))),
    RangeFunction("min_over_time", _kernel(4), mixed.floats_only(_kernel(4))),
    RangeFunction("max_over_time", _kernel(5), mixed.floats_only(_kernel(5))),
    RangeFunction("count_over_time", _kernel(6), mixed.count),
    RangeFunction("first_over_time", _kernel(7), mixed.edge(last=False), keeps_name=True),
    RangeFunction("last_over_time", _kernel(8), mixed.edge(last=True), keeps_name=True),
    RangeFunction("present_over_time", _kernel(9), mixed.one),
    RangeFunction("quantile_over_time", _kernel(10), mixed.floats_only(_kernel(10))),
    RangeFunction("mad_over_time", _kernel(11), mixed.floats_only(_kernel(11))),
    RangeFunction("ts_of_first_over_time", _kernel(12), mixed.edge_time(last=False)),
    RangeFunction("ts_of_last_over_time", _kernel(13), mixed.edge_time(last=True)),
    RangeFunction("ts_of_min_over_time", _kernel(14), mixed.floats_only(_kernel(14))),
    RangeFunction("ts_of_max_over_time", _kernel(15), mixed.floats_only(_kernel(15))),
)
