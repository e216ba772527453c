"""Label sets of several sources brought together, against plain twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels.tsdb_block import build_series, parse_series
from vedette.kernels.tsdb_read import label_columns, unite

label_set = st.dictionaries(st.integers(0, 4), st.integers(1, 5), max_size=4)
sources = st.lists(st.lists(label_set, max_size=12), min_size=1, max_size=4)


def flat(sets: list[dict[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = [[x for pair in sorted(each.items()) for x in pair] for each in sets]
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return offsets, np.array([x for row in rows for x in row], dtype=np.int32)


@given(sources)
def test_equal_sets_get_equal_numbers_in_order_of_appearance(given_sets: list[list[dict[int, int]]]) -> None:
    rows, numbers = unite([flat(sets) for sets in given_sets])
    known: dict[tuple[tuple[int, int], ...], int] = {}
    want = [
        [known.setdefault(tuple(sorted(each.items())), len(known)) for each in sets] for sets in given_sets
    ]
    assert [number.tolist() for number in numbers] == want
    assert rows == len(known)


@given(sources)
def test_columns_spell_the_sets(given_sets: list[list[dict[int, int]]]) -> None:
    columns = [flat(sets) for sets in given_sets]
    rows, numbers = unite(columns)
    names, matrix = label_columns(columns, numbers, rows, 5)
    assert matrix.shape == (len(names), rows)
    for sets, number in zip(given_sets, numbers, strict=True):
        for each, row in zip(sets, number.tolist(), strict=True):
            spelled = {int(n): int(v) for n, v in zip(names, matrix[:, row], strict=True) if v}
            assert spelled == each


chunk = st.tuples(st.integers(1, 1 << 40), st.integers(0, 1 << 30), st.integers(0, (1 << 62) - 1))


@given(st.lists(st.tuples(label_set, st.lists(chunk, min_size=1, max_size=4)), min_size=1, max_size=8))
def test_series_entries_come_back(series: list[tuple[dict[int, int], list[tuple[int, int, int]]]]) -> None:
    offsets, pairs = flat([labels for labels, _ in series])
    mints, maxts, refs, counts = [], [], [], [0]
    for _, chunks in series:
        at = -(1 << 41)
        for gap, length, ref in chunks:
            mints.append(at + gap)
            maxts.append(at + gap + length)
            refs.append(ref)
            at = maxts[-1]
        counts.append(len(mints))
    columns = (
        np.array(counts, dtype=np.int64),
        np.array(mints, dtype=np.int64),
        np.array(maxts, dtype=np.int64),
        np.array(refs, dtype=np.uint64),
    )
    entries, ids = build_series(offsets, pairs, *columns, 32)
    which, label_offsets, got_pairs, *got = parse_series(bytes(32) + entries, ids, -(1 << 63), (1 << 63) - 1)
    assert which.tolist() == list(range(len(series)))
    assert (label_offsets.tolist(), got_pairs.tolist()) == (offsets.tolist(), pairs.tolist())
    assert [column.tolist() for column in got] == [column.tolist() for column in columns]
