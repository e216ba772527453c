"""Regular expressions over blocks: every short cut finds what a search of each line finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.logs.batch import Batch
from vedette.logs.filters.literals import required_literal, stays_in_line
from vedette.logs.filters.regex import compile_search, matching
from vedette.model.labels import RegexError

pieces = st.sampled_from(
    ["a", "b", "ab", "K", "s", ".", ".*", "a+", "b?", "[ab]", "[^a]", "\\d", "\\w", "\\W", "\\s", "\\S", "^", "$", "\\b", "\\.",
     "(a|b)", "(ab)+", "(ab)?", "{2}", "|", "\\n", "(?i)", "x", "[[:alpha:]]", "[\\]a]", "\\x61", "-", " "]
)  # fmt: skip
patterns = st.lists(pieces, min_size=1, max_size=5).map("".join)
lines = st.lists(st.text("abKkſ1. -\n\u212a", max_size=6), max_size=10)


@given(patterns, lines, st.data())
@settings(max_examples=1500, deadline=None)
def test_short_cuts_change_nothing(pattern: str, texts: list[str], data: st.DataObject) -> None:
    try:
        search = compile_search(pattern).search
    except RegexError:
        return
    batch = Batch.of([(i, text.encode(), ()) for i, text in enumerate(texts)])
    rows = np.arange(len(batch), dtype=np.int32)
    if data.draw(st.booleans()):
        rows = rows[::2].copy()
    want = [row for row in rows.tolist() if search(texts[row].encode()) is not None]
    assert matching(batch, rows, pattern).tolist() == want


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("auth_[a-z]+ed", b"auth_"),
        ("status=5\\d\\d", b"status=5"),
        ("a|b", b""),
        ("colou?r", b"colo"),
        ("(foo)bar", b"bar"),
        ("x+yz", b"yz"),
        ("a\\.b", b"a.b"),
        ("(?i)abc", b""),
        ("ab{2,3}cd", b"cd"),
    ],
)
def test_required_literal(pattern: str, literal: bytes) -> None:
    assert required_literal(pattern) == literal


def test_what_may_leave_its_line() -> None:
    assert stays_in_line("[0-9a-f]{8}-[a-z.]+\\S")
    assert not any(
        stays_in_line(pattern) for pattern in ("a\\sb", "[^a]", "^a", "a$", "\\W", "(?s).", "a\nb")
    )
