from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .columns import Columns, columns, near, steps
from .twins import Answers, windows

SMALL = st.integers(-100, 100).map(float)


def close(a: float, b: float) -> bool:
    # The squares of distances of an hour leave about nine digits; slopes are steep between samples of a millisecond.
    return near(a, b) or abs(a - b) < 1e-6 * max(1.0, abs(b)) * 4000


@pytest.mark.parametrize("kind", [0, 1, 2])
@given(
    data=st.one_of(columns(SMALL), columns(st.sampled_from([1.0, math.nan, math.inf, -math.inf]))),
    grid=steps(),
    span=st.sampled_from([30000, 300000, 3_000_000]),
)
def test_equals_its_plain_twin(kind: int, data: Columns, grid: tuple[int, int, int], span: int) -> None:
    first, step, count = grid
    ends = first + step * np.arange(count)
    second = ends.astype(float) if kind == 1 else np.full(count, 0.5)
    params = np.stack([np.full(count, 60.0 if kind == 1 else 0.3), second], axis=1)
    params = np.ascontiguousarray(params) if kind else np.zeros((count, 0))
    Answers(
        "window_trend",
        "run",
        kind,
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        span,
        params,
        **windows(data.rows, count),
    ).check_present(close)


@pytest.mark.parametrize("kind", [0, 1])
def test_a_counter_that_fell_from_great_heights(kind: int) -> None:
    rng = np.random.default_rng(1)
    times = np.arange(400, dtype=np.int64) * 15_000
    values = np.where(times < 1_500_000, 1e12, rng.random(400))
    first, step, count, span = 600_000, 60_000, 80, 600_000
    params = np.stack([np.full(count, 60.0), first + step * np.arange(count, dtype=np.float64)], axis=1)
    offsets = np.array([0, 400], dtype=np.int64)
    columns_ = (offsets, times, values)
    Answers(
        "window_trend",
        "run",
        kind,
        *columns_,
        first,
        step,
        span,
        params if kind else np.zeros((count, 0)),
        **windows(1, count),
    ).check_present(near)
