from __future__ import annotations

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import query_json
from vedette.kernels.floats import format_value

from .columns import numbers


def plain(
    labels: list[bytes], values: np.ndarray, present: np.ndarray, times: list[int], single: bool
) -> str:
    rows = []
    for r, text in enumerate(labels):
        pairs = [[t / 1000, format_value(float(values[r, s]))] for s, t in enumerate(times) if present[r, s]]
        if pairs:
            metric = json.loads(text)
            rows.append(
                {"metric": metric, "value": pairs[0]} if single else {"metric": metric, "values": pairs}
            )
    return json.dumps(rows)


@given(st.data(), st.integers(0, 4), st.integers(0, 5), st.booleans())
def test_equals_its_plain_twin(data: st.DataObject, rows: int, steps: int, single: bool) -> None:
    size = rows * steps
    flat = data.draw(st.lists(numbers, min_size=size, max_size=size))
    bits = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    values = np.array(flat, dtype=np.float64).reshape(rows, steps)
    present = np.array(bits, dtype=np.uint8).reshape(rows, steps)
    times = sorted(data.draw(st.lists(st.integers(-(10**6), 10**13), min_size=steps, max_size=steps)))
    labels = [f'{{"row":"{r}"}}'.encode() for r in range(rows)]
    bounds = np.concatenate([[0], np.cumsum([len(x) for x in labels])]).astype(np.int64)
    got = query_json.rows(
        np.frombuffer(b"".join(labels), dtype=np.uint8),
        bounds,
        values,
        present,
        np.array(times, dtype=np.int64),
        single,
    )
    want = plain(labels, values, present, times, single)
    assert json.loads(b"[" + got + b"]") == json.loads(want)


@given(st.lists(st.tuples(st.integers(0, 10**13), numbers), max_size=30))
def test_samples_of_one_series(pairs: list[tuple[int, float]]) -> None:
    times = np.array([t for t, _ in pairs], dtype=np.int64)
    values = np.array([v for _, v in pairs], dtype=np.float64)
    found = json.loads(b"[" + query_json.samples(times, values) + b"]")
    assert [round(t * 1000) for t, _ in found] == times.tolist()
    for (_, text), value in zip(found, values.tolist(), strict=True):
        assert float(text) == value or (math.isnan(value) and text == "NaN")
