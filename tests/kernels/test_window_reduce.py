from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_reduce

from .columns import Columns, columns, kahan, near, steps, window

NAMES = [
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
    "t_first",
    "t_last",
    "t_min",
    "t_max",
]
EXACT = frozenset(["min", "max", "count", "first", "last", "present", "t_first", "t_last", "t_min", "t_max"])


def plain_sum(values: list[float]) -> float:
    total, lost = kahan(values)
    return total if math.isinf(total) else total + lost


def plain_quantile(q: float, values: list[float]) -> float:
    ordered = sorted(values, key=lambda v: (not math.isnan(v), v))
    if math.isnan(q):
        return math.nan
    if q < 0 or q > 1:
        return math.copysign(math.inf, q)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    weight = rank - low
    return ordered[low] * (1 - weight) + ordered[high] * weight


def plain_extreme(values: list[float], *, greatest: bool) -> int:
    best = 0
    for i, v in enumerate(values):
        if math.isnan(values[best]) or (v >= values[best] if greatest else v <= values[best]):
            best = i
    return best


def plain(name: str, samples: list[tuple[int, float]], q: float) -> float:
    times, values = [t for t, _ in samples], [v for _, v in samples]
    finite = all(map(math.isfinite, values)) and all(abs(v) < 1e100 for v in values)
    match name:
        case "sum":
            return plain_sum(values)
        case "avg":
            return statistics.fmean(values) if finite else math.nan
        case "stdvar":
            return statistics.pvariance(values) if finite else math.nan
        case "stddev":
            return statistics.pstdev(values) if finite else math.nan
        case "min" | "max":
            return values[plain_extreme(values, greatest=name == "max")]
        case "count":
            return float(len(values))
        case "first":
            return values[0]
        case "last":
            return values[-1]
        case "present":
            return 1.0
        case "quantile":
            return plain_quantile(q, values)
        case "mad":
            if any(map(math.isnan, values)):
                return math.nan
            middle = plain_quantile(0.5, values)
            return plain_quantile(0.5, [abs(v - middle) for v in values])
        case "t_first":
            return times[0] / 1000
        case "t_last":
            return times[-1] / 1000
        case _:
            return times[plain_extreme(values, greatest=name == "t_max")] / 1000


@pytest.mark.parametrize("name", NAMES)
@given(
    data=columns(),
    grid=steps(),
    span=st.sampled_from([1, 1000, 60000, 300000]),
    q=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.9, 1.0, 2.0, math.nan]),
)
def test_equals_its_plain_twin(
    name: str, data: Columns, grid: tuple[int, int, int], span: int, q: float
) -> None:
    first, step, count = grid
    rows = data.rows()
    out = np.empty((len(rows), count))
    present = np.empty((len(rows), count), dtype=np.uint8)
    params = np.full((count, 1), q)
    window_reduce.run(
        NAMES.index(name), data.offsets, data.times, data.values, first, step, span, params, out, present
    )
    for r, row in enumerate(rows):
        for i in range(count):
            inside = window(row, first + i * step, span)
            assert bool(present[r, i]) is bool(inside)
            if not inside:
                continue
            values = [v for _, v in inside]
            tame = all(math.isfinite(v) and abs(v) < 1e100 for v in values)
            if name in ("avg", "stdvar", "stddev") and not tame:
                continue
            want = plain(name, inside, q)
            equal = out[r, i] == want if name in EXACT and want == want else close(out[r, i], want, values)
            assert equal, (inside, out[r, i], want)


def close(got: float, want: float, values: list[float]) -> bool:
    # Rounding is relative to what was added, not to what is left of it.
    scale = max((abs(v) for v in values if math.isfinite(v)), default=1.0)
    return near(got, want) or abs(got - want) <= 1e-9 * max(scale, scale * scale)


def test_the_mean_of_huge_numbers_does_not_overflow() -> None:
    values = np.array([1e308, 1e308, 1e308])
    out, present = np.empty((1, 1)), np.empty((1, 1), dtype=np.uint8)
    offsets, times = np.array([0, 3], dtype=np.int64), np.array([1, 2, 3], dtype=np.int64)
    window_reduce.run(1, offsets, times, values, 3, 0, 10, np.zeros((1, 0)), out, present)
    assert out[0, 0] == 1e308


def test_parameters_of_another_shape_are_refused() -> None:
    out, present = np.empty((1, 2)), np.empty((1, 2), dtype=np.uint8)
    columns_ = np.array([0, 0], dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    with pytest.raises(ValueError, match="BUG"):
        window_reduce.run(10, *columns_, 0, 1, 1, np.zeros((1, 1)), out, present)
