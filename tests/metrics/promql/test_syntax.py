from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.metrics.promql.errors import ParseError, QueryError
from vedette.metrics.promql.syntax.nodes import Binary, Number, Unary
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse
from vedette.metrics.promql.syntax.signatures import SIGNATURES

HERE = Path(__file__).parent


def cases(name: str) -> list[str]:
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


IDENTITY = cases("identity.txt")
# These are equal to what they print, but are written in another order or form.
LOOSE = ("{", "m[step", "foo[min_of")


@pytest.mark.parametrize("query", IDENTITY)
def test_prints_back(query: str) -> None:
    tree = parse(query, ALL_FEATURES)
    assert parse(str(tree), ALL_FEATURES) == tree
    if not query.startswith(LOOSE):
        assert str(tree) == query


@pytest.mark.parametrize("case", cases("errors.txt"))
def test_errors(case: str) -> None:
    query, want = case.split(" => ")
    with pytest.raises(ParseError) as error:
        parse(query, ALL_FEATURES)
    assert str(error.value) == want


def test_nothing_to_parse() -> None:
    with pytest.raises(ParseError, match="unknown position: parse error: no expression found in input"):
        parse("")


def test_the_caret_stands_under_the_fault() -> None:
    with pytest.raises(ParseError) as error:
        parse("sum(up)\n + nope(up)")
    assert error.value.line == 2
    assert error.value.caret() == " + nope(up)\n   ^^^^"
    assert str(error.value).startswith("2:4: parse error:")


def test_columns_count_bytes() -> None:
    with pytest.raises(ParseError, match=r"^1:9: parse error"):
        parse('{a="é"}}')


def test_unary_minus_binds_like_multiplication() -> None:
    tree = parse("-2^2")
    assert isinstance(tree, Unary)
    assert isinstance(tree.expr, Binary)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x1F", 31), ("1_000", 1000), ("0755", 493), ("08", 8), (".5", 0.5), ("1e3", 1000), ("1h", 3600)],
)
def test_numbers(text: str, value: float) -> None:
    tree = parse(text)
    assert isinstance(tree, Number)
    assert tree.value == value


@pytest.mark.parametrize(
    ("query", "flag"),
    [
        ("mad_over_time(x[5m])", "promql-experimental-functions"),
        ("limitk(1, x)", "promql-experimental-functions"),
        ("a + fill(0) b", "promql-binop-fill-modifiers"),
        ("rate(x[5m] anchored)", "promql-extended-range-selectors"),
    ],
)
def test_what_hides_behind_a_flag_names_it(query: str, flag: str) -> None:
    with pytest.raises(ParseError, match=flag):
        parse(query)
    parse(query, frozenset((flag,)))


def test_every_function_is_known_to_the_engine() -> None:
    from vedette.metrics.promql import functions
    from vedette.metrics.promql.functions.instants import INSTANT_FUNCTIONS
    from vedette.metrics.promql.functions.ranges import RANGE_FUNCTIONS

    assert functions.__all__
    scalars = {"pi", "time", "start", "end", "step", "range", "min_of", "max_of", "scalar"}
    special = {"absent", "absent_over_time", "info", "start_timestamp"}
    assert set(SIGNATURES) == scalars | special | set(INSTANT_FUNCTIONS) | set(RANGE_FUNCTIONS)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(IDENTITY), st.integers(0, 2**32))
def test_mutated_queries_only_raise_parse_errors(query: str, seed: int) -> None:
    rng = random.Random(seed)
    text = list(query)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(3):
            case 0:
                text.insert(at, rng.choice("(){}[]\"'`+-*/%^=!~<>@,:#5mxé_ \n\\"))
            case 1:
                del text[at : at + 1]
            case _:
                text[at : at + 1] = rng.choice(query)
    try:
        tree = parse("".join(text), ALL_FEATURES)
    except QueryError:
        return
    assert parse(str(tree), ALL_FEATURES) == tree


def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack() -> None:
    with pytest.raises(ParseError, match="nested too deeply"):
        parse("(" * 5000 + "1" + ")" * 5000)
    with pytest.raises(ParseError, match="more than 500 operators"):
        parse("1" + " + 1" * 5000)
