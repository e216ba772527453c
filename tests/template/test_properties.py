"""What holds for every template and every value."""

from __future__ import annotations

import contextlib
import html
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template.test_scripts import CASES
from vedette.template import TemplateError, parse
from vedette.template.builtins import BUILTINS
from vedette.template.floats import format_float
from vedette.template.literals import quote, unquote
from vedette.template.syntax import parse_trees

GOOD = [case.template for case in CASES if case.error is None]


@pytest.mark.parametrize("text", GOOD)
def test_a_tree_prints_back_as_what_it_means(text: str) -> None:
    tree = parse_trees(text, name="t", functions=BUILTINS)["t"]
    printed = str(tree.root)
    others = {
        name: other for name, other in parse_trees(text, name="t", functions=BUILTINS).items() if name != "t"
    }
    assert str(parse_trees(printed, name="t", functions=BUILTINS)["t"].root) == printed
    assert all(name in printed for name in others)


@given(st.text())
def test_text_without_actions_is_itself(text: str) -> None:
    if "{{" not in text:
        assert parse(text).execute(None) == text


@given(st.text())
@settings(max_examples=200)
def test_nothing_but_a_template_error_comes_of_any_text(text: str) -> None:
    for candidate in (text, f"{{{{{text}}}}}", f"{{{{ .x | {text} }}}}"):
        with contextlib.suppress(TemplateError):
            parse(candidate).execute({"x": text})


PIECES = st.sampled_from(
    ["{{", "}}", "{{-", "-}}", " ", "if", "range", "with", "end", "else", "$x", ":=", "=", ".a", ".", "(", ")", "|",
     "1", "2.5", '"s"', "`r`", "'c'", "printf", "index", "eq", "define", "template", "block", "break", "nil", ",",
     "/*", "*/", "and", "len", "\n", "x"]
)  # fmt: skip
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(PIECES, max_size=14).map("".join), DATA, st.booleans())
@settings(max_examples=400)
def test_scrambled_actions_only_raise_template_errors(text: str, data: Any, html_mode: bool) -> None:
    try:
        parse("{{" + text).execute(data, html=html_mode)
    except TemplateError as error:
        assert str(error).startswith("template: ")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_quoting_can_be_undone(text: str) -> None:
    assert unquote(quote(text)) == text
    assert parse(f"{{{{ {quote(text)} }}}}").execute(None) == text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))
def test_escaped_text_reads_back_and_holds_no_markup(text: str) -> None:
    page = parse("<p title='{{ . }}'>{{ . }}</p>").execute(text, html=True)
    inner = page.removeprefix("<p title='").removesuffix("</p>")
    assert "<" not in inner.replace("'>", "", 1) and inner.count("'") == 1
    assert html.unescape(inner) == f"{text}'>{text}"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_float_reads_back(value: float) -> None:
    for verb in "efgEG":
        assert float(format_float(value, verb)) == value
    assert math.copysign(1, float(format_float(value))) == math.copysign(1, value)


@given(st.lists(st.integers(), max_size=5))
def test_range_visits_everything_in_order(items: list[int]) -> None:
    shown = parse("{{ range $i, $x := . }}{{ $i }}:{{ $x }};{{ else }}none{{ end }}").execute(items)
    assert shown == ("".join(f"{i}:{x};" for i, x in enumerate(items)) or "none")


@given(st.dictionaries(st.text(alphabet="abcXYZ", min_size=1), st.integers(), max_size=5))
def test_maps_are_visited_by_key(items: dict[str, int]) -> None:
    shown = parse("{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}").execute(items)
    assert shown == "".join(f"{key}={items[key]};" for key in sorted(items))
