"""Columns of spans by kernel, against Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels import logspans
from vedette.logs.batch import Batch

values = st.one_of(
    st.none(), st.integers(-(10**18), 10**18).map(str), st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "-", ".", "1.", ".5", "+7", "1e5", "1e", "1e400", "0x1F", "NaN", "12abc", "007", "-0", "1_0"]),
)  # fmt: skip


def spans(texts: list[str | None]) -> tuple[bytes, np.ndarray, np.ndarray, np.ndarray]:
    batch = Batch.of([(i, (text or "").encode(), ()) for i, text in enumerate(texts)])
    starts = batch.starts.copy()
    starts[[text is None for text in texts]] = -1
    return batch.buffer or b"\n", starts, batch.ends, np.full(len(texts), 3, dtype=np.uint8)


@given(st.lists(values, max_size=30))
@settings(max_examples=300)
def test_numbers_are_read_exactly_or_left(texts: list[str | None]) -> None:
    buffer, starts, ends, kinds = spans(texts)
    out, state = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.uint8)
    logspans.read_numbers(buffer, starts, ends, kinds, out, state)
    for text, value, known in zip(texts, out.tolist(), state.tolist(), strict=True):
        if text is None:
            assert known == 0
        elif known == 1:
            assert float(text) == value and "_" not in text
        else:
            assert known == 2
    assert all(
        known == 1
        for text, known in zip(texts, state.tolist(), strict=True)
        if text in ("1.", ".5", "+7", "007")
    )


@given(st.lists(st.sampled_from([None, "", "a", "b", "ab", "ba"]), max_size=40))
def test_equal_values_get_equal_numbers(texts: list[str | None]) -> None:
    buffer, starts, ends, kinds = spans(texts)
    table = np.full(128, -1, dtype=np.int32)
    out, first = np.empty(len(texts), dtype=np.int32), np.empty(len(texts), dtype=np.int32)
    count = logspans.number_distinct(buffer, starts, ends, kinds, table, out, first)
    order = list(dict.fromkeys(text for text in texts if text is not None))
    assert count == len(order)
    assert out.tolist() == [0 if text is None else order.index(text) + 1 for text in texts]
    assert [texts[at] for at in first[:count].tolist()] == order
