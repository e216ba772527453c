from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.promql_queries import queries

from vedette.metrics.promql.errors import ParseError, QueryError
from vedette.metrics.promql.syntax.nodes import Binary, Number, String, Unary
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse, parse_series_selector
from vedette.metrics.promql.syntax.pretty import LINE, prettify
from vedette.metrics.promql.syntax.scan import NumberFault, end_of_number, scan_number
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.metrics.promql.syntax.tokens import Kind

HERE = Path(__file__).parent


def cases(name: str) -> list[str]:
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


IDENTITY = cases("identity.txt")


@pytest.mark.parametrize("query", IDENTITY)
def test_prints_back(query: str) -> None:
    tree = parse(query, ALL_FEATURES)
    assert str(tree) == query
    assert str(parse(str(tree), ALL_FEATURES)) == query


@pytest.mark.parametrize("case", cases("printed.txt"))
def test_prints_in_its_canonical_form(case: str) -> None:
    query, want = case.split(" => ")
    assert str(parse(query, ALL_FEATURES)) == want


@pytest.mark.parametrize("case", cases("errors.txt"))
def test_errors(case: str) -> None:
    query, want = case.split(" => ")
    with pytest.raises(ParseError) as error:
        parse(query, ALL_FEATURES)
    assert str(error.value) == want


@given(queries())
@settings(deadline=None, max_examples=300)
def test_what_is_printed_prints_the_same_again(query: str) -> None:
    once = str(parse(query, ALL_FEATURES))
    assert str(parse(once, ALL_FEATURES)) == once
    pretty = prettify(parse(query, ALL_FEATURES))
    assert str(parse(pretty, ALL_FEATURES)) == once
    assert prettify(parse(pretty, ALL_FEATURES)) == pretty


@given(queries())
@settings(deadline=None, max_examples=100)
def test_only_what_is_long_is_broken(query: str) -> None:
    tree = parse(query, ALL_FEATURES)
    if len(str(tree).encode()) <= LINE and not isinstance(tree, Unary):
        assert prettify(tree) == str(tree)


def blocks() -> list[tuple[str, str]]:
    found = (HERE / "pretty.txt").read_text().split("\n---\n")
    return [(query, pretty.rstrip("\n")) for query, pretty in zip(found[1::2], found[2::2], strict=True)]


@pytest.mark.parametrize(("query", "want"), blocks())
def test_pretty(query: str, want: str) -> None:
    assert prettify(parse(query, ALL_FEATURES)) == want


def test_nothing_to_parse() -> None:
    with pytest.raises(ParseError, match=r"^unknown position: parse error: no expression found in input$"):
        parse("")
    with pytest.raises(ParseError, match=r"^1:1: parse error: no expression found in input$"):
        parse(" # nothing")


def caret(query: str) -> str:
    with pytest.raises(ParseError) as error:
        parse(query)
    return error.value.caret()


def test_the_caret_stands_under_the_fault() -> None:
    with pytest.raises(ParseError) as error:
        parse("sum(up)\n + nope(up)")
    assert error.value.line == 2
    assert str(error.value).startswith("2:4: parse error:")
    assert caret("sum(up)\n + nope(up)") == " + nope(up)\n   ^^^^"
    assert caret("sum(") == "sum(\n    ^"
    assert caret("\tup +\tnope(1)") == "\tup +\tnope(1)\n\t    \t^^^^"
    assert caret('up{a="日本"} nope') == 'up{a="日本"} nope\n             ^^^^'
    assert caret("") == "\n^"


def test_of_a_long_line_the_caret_shows_the_part_around_the_fault() -> None:
    query = " + ".join(["http_requests_total"] * 30) + " + nope(1) + " + " + ".join(["up"] * 100)
    text, mark = caret(query).splitlines()
    assert len(text) == 102
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[mark.index("^") : len(mark)] == "nope"


def test_columns_count_bytes() -> None:
    with pytest.raises(ParseError, match=r"^1:9: parse error"):
        parse('{a="é"}}')


def test_unary_minus_binds_like_multiplication() -> None:
    tree = parse("-2^2")
    assert isinstance(tree, Unary)
    assert isinstance(tree.expr, Binary)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31),
        ("0x_1_f", 31),
        ("1_000", 1000),
        ("1_0.5", 10.5),
        ("0755", 493),
        ("0_7", 7),
        ("08", 8),
        ("0123.5", 123.5),
        (".5", 0.5),
        ("1.", 1),
        ("1e3", 1000),
        ("1.e+2", 100),
        ("1e-400", 0),
        ("1h", 3600),
        ("1d12h", 129_600),
        ("5ms", 0.005),
        ("9223372036854775808", 2.0**63),
        ("INF", float("inf")),
    ],
)
def test_numbers(text: str, value: float) -> None:
    tree = parse(text)
    assert isinstance(tree, Number)
    assert tree.value == value


def read(scan: Callable[[str, int], tuple[Kind, int]], text: str) -> object:
    try:
        return scan(text, 0)
    except NumberFault as fault:
        return str(fault), fault.end


@given(st.from_regex(r"\.?[0-9][0-9a-fxyhmsdweE_.+-]{0,12}", fullmatch=True))
@settings(max_examples=500, deadline=None)
def test_a_number_ends_at_the_same_place_however_it_is_sought(text: str) -> None:
    assert read(end_of_number, text) == read(scan_number, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\a\b\f\n\r\t\v\\\""', '\a\b\f\n\r\t\v\\"'),
        (r"'it\'s'", "it's"),
        (r'"\x41\101\u00e9\U0001F600"', "AAé😀"),
        (r'"\xc3\xa9"', "é"),
        ("`raw \\n\r\n'\"`", "raw \\n\r\n'\""),
    ],
)
def test_strings(text: str, value: str) -> None:
    tree = parse(text)
    assert isinstance(tree, String)
    assert tree.value == value


@pytest.mark.parametrize(
    ("query", "flag", "want"),
    [
        ("mad_over_time(x[5m])", "promql-experimental-functions", '1:1: parse error: function "mad_over_time" is not enabled'),
        (
            "limitk(1, x)",
            "promql-experimental-functions",
            "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
        ),
        ("a + fill(0) b", "promql-binop-fill-modifiers", "1:1: parse error: binop fill modifiers are experimental and not enabled"),
        ("rate(x[5m] anchored)", "promql-extended-range-selectors", "1:6: parse error: anchored modifier is experimental and not enabled"),
    ],
)  # fmt: skip
def test_what_hides_behind_a_flag(query: str, flag: str, want: str) -> None:
    with pytest.raises(ParseError) as error:
        parse(query)
    assert str(error.value) == want
    parse(query, frozenset((flag,)))


def test_durations_are_computed_without_a_flag() -> None:
    assert str(parse("m[5m+step()]")) == "m[5m + step()]"


@pytest.mark.parametrize("text", ["up", '{a="b"}', 'start{"x"}', "{}"])
def test_series_selectors(text: str) -> None:
    parse_series_selector(text)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", "unknown position: parse error: unexpected end of input"),
        ("up offset 5m", "1:4: parse error: unexpected <offset>"),
        ("rate(up)", '1:5: parse error: unexpected "("'),
        ("up + 1", "1:4: parse error: unexpected <op:+>"),
        ("1", '1:1: parse error: unexpected number "1"'),
        ("up{", "1:4: parse error: unexpected end of input inside braces"),
    ],
)
def test_what_is_no_series_selector(text: str, want: str) -> None:
    with pytest.raises(ParseError) as error:
        parse_series_selector(text)
    assert str(error.value) == want


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
        printed = str(parse("".join(text), ALL_FEATURES))
    except QueryError:
        return
    assert str(parse(printed, ALL_FEATURES)) == printed


def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack() -> None:
    with pytest.raises(ParseError, match="nested too deeply"):
        parse("(" * 5000 + "1" + ")" * 5000)
    with pytest.raises(ParseError, match="nested too deeply"):
        parse("m[" + "(" * 5000 + "1" + ")" * 5000 + "]")
    with pytest.raises(ParseError, match="nested too deeply"):
        parse("-" * 5000 + "1")
    with pytest.raises(ParseError, match="more than 2000 operators"):
        parse("1" + " + 1" * 5000)
