from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import label_order

from .twins import Answers

STRINGS = ["", "b", "a", "a", "é", "z\udcff", "10", "9"]


@given(st.data(), st.integers(0, 4), st.integers(0, 12))
def test_label_sets_are_ordered_as_their_plain_twin_says(data: st.DataObject, names: int, rows: int) -> None:
    ids = st.lists(st.sampled_from([*range(len(STRINGS)), 100, 101]), min_size=rows, max_size=rows)
    columns = [np.array(data.draw(ids), dtype=np.int32) for _ in range(names)]
    out = np.zeros(rows, dtype=np.int64)
    Answers("label_order", "order", columns, STRINGS, ["made", "up"], 100, out=out).check("out")


def test_an_id_without_a_value_is_refused() -> None:
    columns = [np.array([7, 1], dtype=np.int32)]
    with pytest.raises(IndexError):
        label_order.order(columns, ["", "x"], [], 100, np.zeros(2, dtype=np.int64))
