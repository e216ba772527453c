"""Twins of the `*_over_time` family."""

from __future__ import annotations

import math

from vedette.kernels.plain import arithmetic
from vedette.kernels.plain.samples import Float64s, Int64s, Samples, Uint8s, WindowFunction, each_window

NAMES = (
    "sum",
    "avg",
    "stdvar",
    "stddev",
    "min",
    "max",
    "count",
    "first",
    "last",
    "present",
    "quantile",
    "mad",
    "time of first",
    "time of last",
    "time of min",
    "time of max",
)


def run(
    kind: int,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    span: int,
    params: Float64s,
    out: Float64s,
    present: Uint8s,
) -> None:
    """`kind` is an index into `NAMES`; the quantile is in `params`."""
    each_window(_reduction(NAMES[kind]), offsets, ts, v, first, step, span, params, out, present)


def _reduction(name: str) -> WindowFunction:
    def reduce(samples: Samples, start: int, end: int, params: list[float]) -> float:
        return _reduce(name, [t for t, _ in samples], [v for _, v in samples], params)

    return reduce


def _reduce(name: str, times: list[int], values: list[float], params: list[float]) -> float:
    match name:
        case "sum":
            total, lost = arithmetic.compensated(values)
            return total if math.isinf(total) else total + lost
        case "avg":
            return arithmetic.mean(values)
        case "stdvar":
            return arithmetic.variance(values)
        case "stddev":
            return math.sqrt(arithmetic.variance(values))
        case "min" | "max":
            return values[_extreme(values, greatest=name == "max")]
        case "count":
            return float(len(values))
        case "first":
            return values[0]
        case "last":
            return values[-1]
        case "present":
            return 1.0
        case "quantile":
            return arithmetic.quantile(params[0], values)
        case "mad":
            return _mad(values)
        case "time of first":
            return times[0] / 1000
        case "time of last":
            return times[-1] / 1000
        case _:
            return times[_extreme(values, greatest=name == "time of max")] / 1000


def _extreme(values: list[float], *, greatest: bool) -> int:
    """Where the smallest or greatest value stands, the last of equal ones. Anything beats NaN."""
    best = 0
    for i, value in enumerate(values):
        if value == values[best] or arithmetic.improves(value, values[best], greatest=greatest):
            best = i
    return best


def _mad(values: list[float]) -> float:
    """The median distance from the median; NaN as soon as one value is."""
    if any(map(math.isnan, values)):
        return math.nan
    middle = arithmetic.quantile(0.5, values)
    return arithmetic.quantile(0.5, [abs(v - middle) for v in values])
