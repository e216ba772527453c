from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.values import STALE_NAN

from .columns import Columns, columns, steps
from .twins import Answers, windows

VALUES = st.one_of(st.integers(0, 9).map(float), st.just(STALE_NAN), st.just(float("nan")))


@pytest.mark.parametrize("indexed", [True, False])
@given(data=columns(VALUES), grid=steps(), lookback=st.sampled_from([1, 1000, 60000, 300000]))
def test_instant_equals_its_plain_twin(
    indexed: bool, data: Columns, grid: tuple[int, int, int], lookback: int
) -> None:
    first, step, count = grid
    answers = Answers(
        "window_select",
        "instant",
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        lookback,
        **windows(data.rows, count),
        which=np.empty((data.rows, count) if indexed else (0, 0), dtype=np.int64),
    )
    answers.check("which")
    answers.check_present()


@given(data=columns(VALUES))
def test_stale_markers_are_told_from_measured_nans(data: Columns) -> None:
    Answers("window_select", "count_stale", data.values).check()


@given(st.data(), st.integers(0, 5), st.integers(1, 6))
def test_a_matrix_becomes_columns(data: st.DataObject, rows: int, count: int) -> None:
    bits = data.draw(st.lists(st.booleans(), min_size=rows * count, max_size=rows * count))
    present = np.array(bits, dtype=np.uint8).reshape(rows, count)
    values = np.arange(rows * count, dtype=np.float64).reshape(rows, count)
    size = int(present.sum())
    Answers(
        "window_select",
        "from_matrix",
        values,
        present,
        np.arange(count, dtype=np.int64) * 10,
        offsets=np.zeros(rows + 1, np.int64),
        ts=np.zeros(size, np.int64),
        v=np.zeros(size),
    ).check("offsets", "ts", "v")
