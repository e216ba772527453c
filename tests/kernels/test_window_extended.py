from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_extended

from .columns import Columns, columns, counters, near, steps

LOOKBACK = 300_000


def line(p: tuple[int, float], q: tuple[int, float], t: int, counter: bool) -> float:
    y = 0.0 if counter and q[1] < p[1] else p[1]
    return y + (q[1] - y) * (t - p[0]) / (q[0] - p[0])


def plain(kind: int, smoothed: bool, row: list[tuple[int, float]], start: int, end: int) -> float | None:
    until = end + LOOKBACK if smoothed else end
    near_by = [s for s in row if start - LOOKBACK < s[0] <= until]
    before = [s for s in near_by if s[0] <= start][-1:]
    inside = before + [s for s in near_by if start < s[0]]
    if smoothed:
        after = [i for i, s in enumerate(inside) if s[0] >= end][:1]
        inside = inside[: after[0] + 1] if after else inside
    if not inside or inside[-1][0] <= start:
        return None
    counter = kind != 2
    left, right = inside[0][1], inside[-1][1]
    if smoothed and inside[0][0] < start and len(inside) > 1:
        left = line(inside[0], inside[1], start, counter)
    if smoothed and inside[-1][0] > end and len(inside) > 1:
        right = line(inside[-2], inside[-1], end, counter)
    grown = right - left
    if counter:
        path = [left, *(v for t, v in inside if start < t < end), right]
        grown += sum(a for a, b in itertools.pairwise(path) if b < a)
    return grown / ((end - start) / 1000) if kind == 0 else grown


@pytest.mark.parametrize("smoothed", [False, True])
@pytest.mark.parametrize("kind", [0, 1, 2])
@given(data=columns(counters), grid=steps(), span=st.sampled_from([1000, 30000, 300000]))
def test_growth_equals_its_plain_twin(
    kind: int, smoothed: bool, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    first, step, count = grid
    rows = data.rows()
    out = np.empty((len(rows), count))
    present = np.empty((len(rows), count), dtype=np.uint8)
    window_extended.run(
        kind, smoothed, data.offsets, data.times, data.values, first, step, span, LOOKBACK, out, present
    )
    for r, row in enumerate(rows):
        for i in range(count):
            end = first + i * step
            want = plain(kind, smoothed, row, end - span, end)
            assert bool(present[r, i]) is (want is not None), (row, end)
            if want is not None:
                assert near(out[r, i], want), (row, end, out[r, i], want)
