from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_counters

from .columns import Columns, columns, counters, numbers, steps
from .twins import Answers, windows

SPANS = st.sampled_from([1, 1000, 30000, 60000, 300000])


@pytest.mark.parametrize("kind", range(7))
@given(data=st.one_of(columns(counters), columns(numbers)), grid=steps(), span=SPANS)
def test_equals_its_plain_twin(kind: int, data: Columns, grid: tuple[int, int, int], span: int) -> None:
    first, step, count = grid
    Answers(
        "window_counters",
        "run",
        kind,
        data.offsets,
        data.times,
        data.values,
        first,
        step,
        span,
        **windows(data.rows, count),
    ).check_present()


def test_a_reset_that_has_left_the_window_no_longer_counts() -> None:
    times = np.arange(6, dtype=np.int64) * 1000
    values = np.array([5.0, 9.0, 1.0, 2.0, 3.0, 4.0])
    out, present = np.empty((1, 6)), np.empty((1, 6), dtype=np.uint8)
    offsets = np.array([0, 6], dtype=np.int64)
    window_counters.run(6, offsets, times, values, 0, 1000, 3000, out, present)
    assert out.tolist() == [[0, 0, 1, 1, 0, 0]]
