"""Distinct numbers, beside numpy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.algebra.distinct import distinct


@given(st.lists(st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1)))
def test_as_numpy(numbers: list[int]) -> None:
    column = np.array(numbers, dtype=np.int64)
    found = distinct(column)
    assert found.dtype == column.dtype
    assert np.array_equal(found, np.unique(column))
