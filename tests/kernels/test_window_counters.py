from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_counters

from .columns import Columns, columns, counters, numbers, same, steps, window

SPANS = st.sampled_from([1, 1000, 30000, 60000, 300000])


def plain(kind: int, samples: list[tuple[int, float]], start: int, end: int) -> float | None:
    values = [v for _, v in samples]
    if kind == 5:
        return float(
            sum(1 for a, b in itertools.pairwise(values) if a != b and not (math.isnan(a) and math.isnan(b)))
        )
    if kind == 6:
        return float(sum(b < a for a, b in itertools.pairwise(values)))
    if len(samples) < 2:
        return None
    if kind in (3, 4):
        (t0, before), (t1, after) = samples[-2:]
        if kind == 4:
            return after - before
        return (after if after < before else after - before) / ((t1 - t0) / 1000.0)
    return plain_growth(kind, samples, start, end)


def plain_growth(kind: int, samples: list[tuple[int, float]], start: int, end: int) -> float:
    counter = kind != 2
    (t0, v0), (t1, v1) = samples[0], samples[-1]
    grown = v1 - v0
    if counter:
        for (_, a), (_, b) in itertools.pairwise(samples):
            if b < a:
                grown += a
    to_start, to_end, sampled = (t0 - start) / 1000, (end - t1) / 1000, (t1 - t0) / 1000
    gap = sampled / (len(samples) - 1)
    if to_start >= gap * 1.1:
        to_start = gap / 2
    if counter and grown > 0 and v0 >= 0:
        to_zero = sampled * (v0 / grown)
        if to_zero < to_start:
            to_start = to_zero
    if to_end >= gap * 1.1:
        to_end = gap / 2
    factor = (sampled + to_start + to_end) / sampled
    if kind == 0:
        factor /= (end - start) / 1000
    return grown * factor


def check(kind: int, data: Columns, grid: tuple[int, int, int], span: int) -> None:
    first, step, count = grid
    rows = data.rows()
    out = np.empty((len(rows), count))
    present = np.empty((len(rows), count), dtype=np.uint8)
    window_counters.run(kind, data.offsets, data.times, data.values, first, step, span, out, present)
    for r, row in enumerate(rows):
        for i in range(count):
            end = first + i * step
            inside = window(row, end, span)
            want = plain(kind, inside, end - span, end) if inside else None
            assert bool(present[r, i]) is (want is not None)
            if want is not None:
                assert same(out[r, i], want), (inside, out[r, i], want)


@pytest.mark.parametrize("kind", range(7))
@given(data=columns(counters), grid=steps(), span=SPANS)
def test_counters_equal_their_plain_twin(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    check(kind, data, grid, span)


@pytest.mark.parametrize("kind", range(7))
@given(data=columns(numbers), grid=steps(), span=SPANS)
def test_strange_values_equal_their_plain_twin(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    check(kind, data, grid, span)


def test_a_reset_that_has_left_the_window_no_longer_counts() -> None:
    times = np.arange(6, dtype=np.int64) * 1000
    values = np.array([5.0, 9.0, 1.0, 2.0, 3.0, 4.0])
    out, present = np.empty((1, 6)), np.empty((1, 6), dtype=np.uint8)
    offsets = np.array([0, 6], dtype=np.int64)
    window_counters.run(6, offsets, times, values, 0, 1000, 3000, out, present)
    assert out.tolist() == [[0, 0, 1, 1, 0, 0]]
