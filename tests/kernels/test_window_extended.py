from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .columns import Columns, columns, counters, near, numbers, steps
from .twins import Answers, windows

LOOKBACK = 300_000


@pytest.mark.parametrize(
    ("kind", "smoothed"),
    [(0, False), (1, False), (2, False), (5, False), (6, False), (0, True), (1, True), (2, True)],
)
@given(data=columns(counters), grid=steps(), span=st.sampled_from([1000, 30000, 300000]))
def test_windows_equal_their_plain_twin(
    kind: int, smoothed: bool, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    first, step, count = grid
    Answers(
        "window_extended",
        "run",
        kind,
        smoothed,
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        span,
        LOOKBACK,
        **windows(data.rows, count),
    ).check_present(near)


@given(
    data=st.one_of(columns(counters), columns(numbers)),
    grid=steps(),
    lookback=st.sampled_from([1, 1000, LOOKBACK]),
)
def test_instants_equal_their_plain_twin(data: Columns, grid: tuple[int, int, int], lookback: int) -> None:
    first, step, count = grid
    Answers(
        "window_extended",
        "instant",
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        lookback,
        **windows(data.rows, count),
    ).check_present(near)
