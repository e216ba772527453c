from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_reduce
from vedette.kernels.plain.window_reduce import NAMES

from .columns import Columns, columns, near, same, steps
from .twins import Answers, windows

# The rest rounds on the way.
EXACT = frozenset(NAMES) - {"sum", "avg", "stdvar", "stddev", "quantile", "mad"}
tame = st.one_of(st.integers(-5, 60).map(float), st.floats(-1e6, 1e6))


def check(kind: int, data: Columns, grid: tuple[int, int, int], span: int, q: float) -> None:
    first, step, count = grid
    scale = max((abs(v) for v in data.values.tolist() if math.isfinite(v)), default=1.0)

    def close(a: float, b: float) -> bool:
        # Rounding is relative to what was added, not to what is left of it.
        return near(a, b) or abs(a - b) <= 1e-9 * max(scale, scale * scale)

    Answers(
        "window_reduce",
        "run",
        kind,
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        span,
        np.full((count, 1), q),
        **windows(data.rows, count),
    ).check_present(same if NAMES[kind] in EXACT else close)


SPANS = st.sampled_from([1, 1000, 60000, 300000])
QUANTILES = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.9, 1.0, 2.0, math.nan])


@pytest.mark.parametrize("kind", range(len(NAMES)), ids=NAMES.__getitem__)
@given(data=columns(tame), grid=steps(), span=SPANS, q=QUANTILES)
def test_equals_its_plain_twin(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int, q: float
) -> None:
    check(kind, data, grid, span, q)


@pytest.mark.parametrize("kind", range(len(NAMES)), ids=NAMES.__getitem__)
@given(
    data=columns(st.sampled_from([0.0, 1.0, -2.5, math.nan, math.inf, -math.inf])),
    grid=steps(),
    span=SPANS,
    q=QUANTILES,
)
def test_values_without_end_equal_their_plain_twin(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int, q: float
) -> None:
    check(kind, data, grid, span, q)


@pytest.mark.parametrize(
    "name", ["sum", "avg", "min", "max", "first", "last", "quantile", "time of min", "time of max"]
)
@given(
    data=columns(st.sampled_from([1e308, -1e308, 1.5e308, 1.0, -math.inf, math.nan])),
    grid=steps(),
    span=SPANS,
)
def test_huge_values_equal_their_plain_twin(
    name: str, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    first, step, count = grid
    Answers(
        "window_reduce",
        "run",
        NAMES.index(name),
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        span,
        np.full((count, 1), 0.5),
        **windows(data.rows, count),
    ).check_present(lambda a, b: near(a, b) or abs(a / 1e308 - b / 1e308) < 1e-9)


def test_the_mean_of_huge_numbers_does_not_overflow() -> None:
    values = np.array([1e308, 1e308, 1e308])
    out, present = np.empty((1, 1)), np.empty((1, 1), dtype=np.uint8)
    offsets, times = np.array([0, 3], dtype=np.int64), np.array([1, 2, 3], dtype=np.int64)
    window_reduce.run(1, offsets, times, values, 3, 0, 10, np.zeros((1, 0)), out, present)
    assert out[0, 0] == 1e308


def test_a_sum_that_overflows_on_the_way_is_endless() -> None:
    values = np.array([1.7e308, 1.7e308, -1.7e308, -1.7e308, 1.0, 2.0])
    offsets, times = np.array([0, 6], dtype=np.int64), np.arange(1, 7, dtype=np.int64)
    out, present = np.empty((1, 6)), np.empty((1, 6), dtype=np.uint8)
    window_reduce.run(0, offsets, times, values, 1, 1, 3, np.zeros((6, 0)), out, present)
    assert out.tolist() == [[1.7e308, math.inf, math.inf, -1.7e308, -math.inf, -1.7e308]]


def test_parameters_of_another_shape_are_refused() -> None:
    out, present = np.empty((1, 2)), np.empty((1, 2), dtype=np.uint8)
    columns_ = np.array([0, 0], dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    with pytest.raises(ValueError, match="BUG"):
        window_reduce.run(10, *columns_, 0, 1, 1, np.zeros((1, 1)), out, present)


@pytest.mark.parametrize("kind", [NAMES.index("sum"), NAMES.index("avg")], ids=["sum", "avg"])
@given(
    data=columns(st.sampled_from([5.3, 1.0, 2.0, 0.0, 1e50, -1e50, 1e100, -1e100])),
    grid=steps(),
    span=SPANS,
)
def test_what_is_left_when_nearly_everything_cancels_out(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    first, step, count = grid
    columns_ = (data.offsets, data.times, data.values)
    params = np.zeros((count, 0))
    Answers(
        "window_reduce", "run", kind, *columns_, first, step, span, params, **windows(data.rows, count)
    ).check_present(near)
