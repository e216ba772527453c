from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_select
from vedette.model.values import STALE_NAN, is_stale

from .columns import Columns, columns, same, steps

VALUES = st.one_of(st.integers(0, 9).map(float), st.just(STALE_NAN), st.just(float("nan")))


@given(data=columns(VALUES), grid=steps(), lookback=st.sampled_from([1, 1000, 60000, 300000]))
def test_instant_equals_its_plain_twin(data: Columns, grid: tuple[int, int, int], lookback: int) -> None:
    first, step, count = grid
    rows = data.rows()
    out = np.empty((len(rows), count))
    present = np.empty((len(rows), count), dtype=np.uint8)
    which = np.empty((len(rows), count), dtype=np.int64)
    window_select.instant(data.offsets, data.times, data.values, first, step, lookback, out, present, which)
    for r, row in enumerate(rows):
        for i in range(count):
            t = first + i * step
            newest = [(k, s) for k, s in enumerate(row) if s[0] <= t][-1:]
            there = bool(newest) and newest[0][1][0] > t - lookback and not is_stale(newest[0][1][1])
            assert bool(present[r, i]) is there
            if there:
                assert same(out[r, i], newest[0][1][1])
                assert which[r, i] == data.offsets[r] + newest[0][0]
            else:
                assert which[r, i] == -1


@given(data=columns(VALUES))
def test_stale_markers_are_told_from_measured_nans(data: Columns) -> None:
    assert window_select.count_stale(data.values) == sum(is_stale(v) for v in data.values.tolist())


@given(st.data(), st.integers(0, 5), st.integers(1, 6))
def test_a_matrix_becomes_columns(data: st.DataObject, rows: int, count: int) -> None:
    bits = data.draw(st.lists(st.booleans(), min_size=rows * count, max_size=rows * count))
    present = np.array(bits, dtype=np.uint8).reshape(rows, count)
    values = np.arange(rows * count, dtype=np.float64).reshape(rows, count)
    size = int(present.sum())
    offsets, ts, v = np.zeros(rows + 1, np.int64), np.zeros(size, np.int64), np.zeros(size)
    times = np.arange(count, dtype=np.int64) * 10
    assert window_select.from_matrix(values, present, times, offsets, ts, v) == size
    for r in range(rows):
        kept = [s for s in range(count) if present[r, s]]
        inside = slice(offsets[r], offsets[r + 1])
        assert ts[inside].tolist() == [s * 10 for s in kept]
        assert v[inside].tolist() == [values[r, s] for s in kept]
