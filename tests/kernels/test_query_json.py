from __future__ import annotations

import json
from itertools import pairwise

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


TEXTS = st.text(max_size=8) | st.sampled_from(
    ['"', "\\", "\x00\x1f\n\r\t\b\f", "\x7f", "\udcff", "é\udc80", "日本", ""]
)


@given(st.data(), st.integers(0, 4), st.integers(0, 6))
def test_label_sets_equal_their_plain_twin(data: st.DataObject, names: int, rows: int) -> None:
    strings = ["", *data.draw(st.lists(TEXTS, min_size=1, max_size=4))]
    own = data.draw(st.lists(TEXTS, min_size=1, max_size=2))
    known = [*range(len(strings)), *range(100, 100 + len(own))]
    ids = st.lists(st.sampled_from(known), min_size=rows, max_size=rows)
    columns = [np.array(data.draw(ids), dtype=np.int32) for _ in range(names)]
    heads = [b'"%d":' % i for i in range(names)]
    bounds = np.zeros(rows + 1, dtype=np.int64)
    answers = Answers("query_json", "label_sets", heads, columns, strings, own, 100, bounds=bounds)
    answers.check("bounds")
    ends = answers.kernel["bounds"].tolist()
    assert all(isinstance(json.loads(answers.got[a:b]), dict) for a, b in pairwise(ends))


def test_long_values_and_columns_that_skip() -> None:
    column = np.array([1, 9, 2, 9, 1, 9], dtype=np.int32)[::2]
    strings = ["", "x" * 5000, '"' * 5000]
    bounds = np.zeros(4, dtype=np.int64)
    answers = Answers("query_json", "label_sets", [b'"a":'], [column], strings, [], 100, bounds=bounds)
    answers.check("bounds")


def test_an_id_without_a_value_is_refused() -> None:
    bounds = np.zeros(2, dtype=np.int64)
    with pytest.raises(IndexError):
        query_json.label_sets([b'"a":'], [np.array([7], dtype=np.int32)], ["", "x"], [], 100, bounds)


@given(st.lists(st.tuples(st.integers(0, 10**13), numbers), max_size=30))
def test_samples_of_one_series(pairs: list[tuple[int, float]]) -> None:
    times = np.array([t for t, _ in pairs], dtype=np.int64)
    values = np.array([v for _, v in pairs], dtype=np.float64)
    answers = Answers("query_json", "samples", times, values)
    answers.check()
    assert [round(t * 1000) for t, _ in json.loads(b"[%b]" % answers.got)] == times.tolist()
