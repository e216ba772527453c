from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.algebra.table import LabelTable, Symbols
from vedette.model.labels import Labels, Matcher, RegexError

NAMES = st.sampled_from(["a", "b", "job", "__name__", "le"])
SETS = st.dictionaries(NAMES, st.sampled_from(["", "x", "y", "zz"])).map(Labels)


def test_labels_print_like_a_series() -> None:
    assert str(Labels({"__name__": "up", "b": 'q"\\', "a": "\n"})) == 'up{a="\\n", b="q\\"\\\\"}'
    assert str(Labels({"__name__": "my.metric", "a.b": "1"})) == '{"my.metric", "a.b"="1"}'
    assert str(Labels({"__name__": "up"})) == "up"
    assert str(Labels()) == "{}"


@given(SETS, SETS)
def test_equal_sets_are_equal(a: Labels, b: Labels) -> None:
    assert (a == b) == (a.to_dict() == b.to_dict())
    if a == b:
        assert hash(a) == hash(b)


@pytest.mark.parametrize(
    ("op", "value", "yes", "no"),
    [
        ("=", "a", ["a"], ["", "b"]),
        ("!=", "a", ["", "b"], ["a"]),
        ("=~", "a|bc", ["a", "bc"], ["", "abc"]),
        ("=~", "a.c", ["abc", "a\nc"], ["xabc", "abcx"]),
        ("!~", "5..", ["", "404"], ["500"]),
        ("=~", "", [""], ["a"]),
    ],
)
def test_matchers(op: str, value: str, yes: list[str], no: list[str]) -> None:
    matcher = Matcher("l", op, value)
    assert all(matcher.matches(v) for v in yes)
    assert not any(matcher.matches(v) for v in no)


def test_look_around_is_refused() -> None:
    with pytest.raises(RegexError, match="error parsing regexp"):
        Matcher("l", "=~", "a(?!b)")


@given(st.lists(SETS, max_size=20))
def test_tables_give_back_what_they_were_made_of(sets: list[Labels]) -> None:
    table = LabelTable.from_labels(Symbols(), sets)
    assert list(table) == sets
    assert list(table.translate(Symbols())) == sets


@given(st.lists(SETS, max_size=20))
def test_group_is_equality_of_rows(sets: list[Labels]) -> None:
    groups, first = LabelTable.from_labels(Symbols(), sets).group()
    wanted: dict[Labels, int] = {}
    for labels in sets:
        wanted.setdefault(labels, len(wanted))
    assert [wanted[s] for s in sets] == groups.tolist()
    assert [sets.index(s) for s in wanted] == first.tolist()
