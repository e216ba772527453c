from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import window_counters, window_starts
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.functions.ranges import Windows
from vedette.metrics.promql.functions.starts import overlapping_rows, overlaps

from .columns import Columns, columns, counters, numbers, steps
from .twins import Answers, windows

SPANS = st.sampled_from([1, 1000, 30000, 60000, 300000])
Sample = tuple[int, float, int]  # time, value, start


@st.composite
def with_starts(draw: st.DrawFn, values: st.SearchStrategy[float]) -> tuple[Columns, np.ndarray]:
    data = draw(columns(values))
    starts = []
    for i, at in enumerate(data.times.tolist()):
        before = data.times[i - 1] if i else at - 60000
        ages = st.sampled_from([at, 0, 1, 1000, 30000, 60000, 400000, -1000, at - int(before)])
        starts.append(at - draw(ages))
    return data, np.array(starts, dtype=np.int64)


def rows_of(data: Columns, starts: np.ndarray) -> list[list[Sample]]:
    samples = list(zip(data.times.tolist(), data.values.tolist(), starts.tolist(), strict=True))
    return [samples[a:b] for a, b in itertools.pairwise(data.offsets.tolist())]


@pytest.mark.parametrize("kind", [0, 1, 3, 6])
@pytest.mark.parametrize("values", [counters, numbers], ids=["counters", "strange"])
@given(draw=st.data(), grid=steps(), span=SPANS)
def test_equals_its_plain_twin(
    kind: int, values: st.SearchStrategy[float], draw: st.DataObject, grid: tuple[int, int, int], span: int
) -> None:
    data, starts = draw.draw(with_starts(values))
    first, step, count = grid
    Answers(
        "window_starts",
        "run",
        kind,
        data.offsets,
        data.times,
        data.values,
        starts,
        first,
        step,
        span,
        **windows(data.rows, count),
    ).check_present()


@pytest.mark.parametrize("kind", [0, 1, 3, 6])
@given(data=columns(counters), grid=steps(), span=SPANS)
def test_unknown_starts_change_nothing(
    kind: int, data: Columns, grid: tuple[int, int, int], span: int
) -> None:
    first, step, count = grid
    shape = (len(data.offsets) - 1, count)
    out, other = np.empty(shape), np.empty(shape)
    present, there = np.empty(shape, dtype=np.uint8), np.empty(shape, dtype=np.uint8)
    unknown = np.zeros(len(data.times), dtype=np.int64)
    columns_ = (data.offsets, data.times, data.values)
    window_starts.run(kind, *columns_, unknown, first, step, span, out, present)
    window_counters.run(kind, *columns_, first, step, span, other, there)
    assert np.array_equal(present, there)
    assert np.array_equal(out, other, equal_nan=True)


@given(draw=st.data(), grid=steps(), span=SPANS)
def test_overlaps_are_found_where_a_window_holds_both_samples(
    draw: st.DataObject, grid: tuple[int, int, int], span: int
) -> None:
    data, starts = draw.draw(with_starts(counters))
    first, step, count = grid
    batch = SampleBatch(data.offsets, data.times, data.values, None, starts)
    found = overlapping_rows(batch, Windows(first, step, count, span, np.zeros((count, 0))))
    want = []
    for r, row in enumerate(rows_of(data, starts)):
        ends = [first + i * step for i in range(count)]
        held = [[s for s in row if end - span < s[0] <= end] for end in ends]
        if any(overlaps(a[2], a[0], b[2]) for seen in held for a, b in itertools.pairwise(seen)):
            want.append(r)
    assert found.tolist() == want


def test_the_columns_must_be_of_one_length() -> None:
    times, values = np.arange(3, dtype=np.int64), np.zeros(3)
    out, present = np.empty((1, 1)), np.empty((1, 1), dtype=np.uint8)
    with pytest.raises(ValueError, match="different lengths"):
        window_starts.run(
            0, np.array([0, 3], np.int64), times, values, times[:2].copy(), 0, 1, 1, out, present
        )
