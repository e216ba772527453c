from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import query_json

from .columns import numbers
from .twins import Answers


@given(st.data(), st.integers(0, 4), st.integers(0, 5), st.booleans())
def test_rows_equal_their_plain_twin(data: st.DataObject, rows: int, steps: int, single: bool) -> None:
    size = rows * steps
    flat = data.draw(st.lists(numbers, min_size=size, max_size=size))
    bits = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    times = data.draw(st.lists(st.integers(-(10**6), 10**13), min_size=steps, max_size=steps))
    labels = [f'{{"row":"{r}"}}'.encode() for r in range(rows)]
    answers = Answers(
        "query_json",
        "rows",
        np.frombuffer(b"".join(labels), dtype=np.uint8),
        np.concatenate([[0], np.cumsum([len(x) for x in labels])]).astype(np.int64),
        np.array(flat, dtype=np.float64).reshape(rows, steps),
        np.array(bits, dtype=np.uint8).reshape(rows, steps),
        np.array(sorted(times), dtype=np.int64),
        single,
    )
    answers.check()
    assert all(
        set(row) == {"metric", "value" if single else "values"} for row in json.loads(b"[%b]" % answers.got)
    )


@given(st.data(), st.integers(0, 4), st.integers(0, 5))
def test_objects_of_ready_members(data: st.DataObject, width: int, rows: int) -> None:
    texts = [f'"name{i}":"{data.draw(st.text(max_size=3))!r}"'.encode() for i in range(3)]
    members = data.draw(st.lists(st.integers(-1, 2), min_size=width * rows, max_size=width * rows))
    answers = Answers(
        "query_json",
        "objects",
        np.frombuffer(b"".join(texts), dtype=np.uint8),
        np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64),
        np.array(members, dtype=np.int32).reshape(width, rows),
    )
    got, want = answers.got, answers.want
    assert bytes(got[0]) == bytes(want[0])
    assert got[1].tolist() == want[1].tolist()


def test_objects_of_members_that_are_none() -> None:
    with pytest.raises(IndexError):
        query_json.objects(np.zeros(0, np.uint8), np.zeros(1, np.int64), np.zeros((1, 1), np.int32))


@given(st.lists(st.tuples(st.integers(0, 10**13), numbers), max_size=30))
def test_samples_of_one_series(pairs: list[tuple[int, float]]) -> None:
    times = np.array([t for t, _ in pairs], dtype=np.int64)
    values = np.array([v for _, v in pairs], dtype=np.float64)
    answers = Answers("query_json", "samples", times, values)
    answers.check()
    assert [round(t * 1000) for t, _ in json.loads(b"[%b]" % answers.got)] == times.tolist()
