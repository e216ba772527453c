"""The kernels over lines of a block, against plain Python."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels import loglines
from vedette.logs.batch import Batch
from vedette.logs.filters.contains import containing

lines_of = st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\x00", b"ab")), max_size=12)
alphabet = st.text("ab\n", max_size=4).map(str.encode)


def batch_of(lines: list[bytes]) -> Batch:
    return Batch.of([(i, line, ()) for i, line in enumerate(lines)])


@given(st.lists(alphabet, max_size=20), alphabet.filter(bool), st.data())
def test_contains(lines: list[bytes], needle: bytes, data: st.DataObject) -> None:
    batch = batch_of(lines)
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(lines))))) if lines else [])
    want = [row for row in rows if needle in lines[row]]
    assert containing(batch, np.array(rows, dtype=np.int32), needle).tolist() == want


@given(
    st.lists(st.text("aAkKſ!", max_size=5).map(str.encode), max_size=20),
    st.text("ak!", min_size=1, max_size=3),
)
def test_contains_folded(lines: list[bytes], needle: str) -> None:
    batch = batch_of(lines)
    rows, out = np.arange(len(lines), dtype=np.int32), np.empty(len(lines), dtype=np.int32)
    found = loglines.contains_folded(batch.buffer, batch.starts, batch.ends, rows, needle.encode(), out)
    assert out[:found].tolist() == [i for i, line in enumerate(lines) if needle.encode() in line.lower()]


@given(lines_of, st.data())
def test_take_copies_lines_in_the_order_asked_for(lines: list[bytes], data: st.DataObject) -> None:
    batch = batch_of(lines)
    rows = data.draw(st.lists(st.sampled_from(range(len(lines))), max_size=20)) if lines else []
    taken = batch.take(np.array(rows, dtype=np.int32))
    assert [taken.line(i) for i in range(len(taken))] == [lines[row] for row in rows]
    assert taken.buffer == b"".join(lines[row] + b"\n" for row in rows)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([b"", b"x", b"y"]), st.sampled_from([(), (("k", "v"),)]))
    )
)
def test_settled_is_sorted_and_keeps_the_first_of_equal_entries(entries: list[tuple]) -> None:  # type: ignore[type-arg]
    want = list(dict.fromkeys(sorted(entries, key=lambda entry: entry[0])))
    assert list(Batch.of(entries).settled().entries()) == want


@given(st.lists(st.text("ab_0é -", max_size=8), max_size=30), st.sampled_from([64, 256, 4096]))
@settings(max_examples=50)
def test_word_filter_never_misses_and_folds(texts: list[str], size: int) -> None:
    data = " ".join(texts).encode()
    bits = np.zeros(size, dtype=np.uint8)
    loglines.add_words(data, bits)
    folded = bits[: size // 2] | bits[size // 2 :]
    for word in re.findall(rb"[A-Za-z0-9_\x80-\xff]+", data):
        assert loglines.may_hold(word, bits)
        assert loglines.may_hold(word, folded)


def test_word_filter_tells_words_apart() -> None:
    bits = np.zeros(4096, dtype=np.uint8)
    loglines.add_words(b" ".join(b"word%d" % i for i in range(500)), bits)
    strangers = sum(loglines.may_hold(b"other%d" % i, bits) for i in range(1000))
    assert strangers < 20
