"""Twins of the answers of the query API."""

from __future__ import annotations

from vedette.kernels.plain.floats import format_seconds, format_value
from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s


def _pair(time: int, value: float) -> str:
    return f'[{format_seconds(time)},"{format_value(value)}"]'


def rows(
    labels: Uint8s,
    label_bounds: Int64s,
    values: Float64s,
    present: Uint8s,
    times: Int64s,
    single: bool,
) -> bytes:
    """Every row that is present somewhere, as an object; with `single` only its first sample."""
    texts = bytes(labels)
    out = []
    for r, row in enumerate(values.tolist()):
        found = [_pair(t, v) for t, v, p in zip(times.tolist(), row, present[r].tolist(), strict=True) if p]
        if found:
            metric = b'{"metric":' + texts[label_bounds[r] : label_bounds[r + 1]]
            tail = f',"value":{found[0]}}}' if single else f',"values":[{",".join(found)}]}}'
            out.append(metric + tail.encode())
    return b",".join(out)


def samples(times: Int64s, values: Float64s) -> bytes:
    """One series' samples: ``[t,"v"],[t,"v"]``."""
    return ",".join(map(_pair, times.tolist(), values.tolist())).encode()
