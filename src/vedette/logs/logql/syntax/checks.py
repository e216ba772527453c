"""What a query must keep to beyond its grammar."""

from __future__ import annotations

from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import LogQLError
from vedette.logs.logql.syntax.lexer import Token
from vedette.model.depth import MAX_NESTING
from vedette.model.labels import Matcher

_GROUPED = frozenset(
    f"{op}_over_time" for op in ["avg", "stddev", "stdvar", "quantile", "max", "min", "first", "last"]
)
_UNWRAP_ONLY = frozenset(
    f"{op}_over_time" for op in ["sum", "avg", "max", "min", "stddev", "stdvar", "quantile", "first", "last"]
) | {"rate_counter"}
_NO_UNWRAP = frozenset(("count_over_time", "bytes_over_time", "bytes_rate"))

_NO_MATCHER = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
    'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)


def check_nesting(tokens: list[Token]) -> None:
    """Raises `LogQLError` where parentheses stand too deep within each other. (The length of a query bounds the rest.)"""
    depth = 0
    for token in tokens:
        depth += (token.kind == "(") - (token.kind == ")")
        if depth > MAX_NESTING:
            raise LogQLError("query is nested too deeply", token.line, token.column)


def check(query: n.Query) -> None:
    """Every selector of `query` needs a matcher that refuses the empty value. Raises `LogQLError`."""
    match query:
        case n.LogQuery():
            check_selector(query.matchers)
        case n.RangeAggregation():
            check_selector(query.query.matchers)
        case n.VectorAggregation() | n.LabelReplace():
            check(query.body)
        case n.BinaryOperation():
            check(query.left)
            check(query.right)
        case _:
            pass


def check_selector(matchers: tuple[Matcher, ...]) -> None:
    if not any(not matcher.matches("") for matcher in matchers):
        raise LogQLError(_NO_MATCHER)


def check_range(node: n.RangeAggregation) -> None:
    """Which range operations take a grouping, a parameter and an unwrapped label. Raises `LogQLError`."""
    if node.grouping is not None and node.op not in _GROUPED:
        raise LogQLError(f"grouping not allowed for {node.op} aggregation")
    if node.op == "quantile_over_time":
        if node.parameter is None:
            raise LogQLError("parameter required for operation quantile_over_time")
    elif node.parameter is not None:
        raise LogQLError(f"parameter {node.parameter:g} not supported for operation {node.op}")
    if node.unwrap is not None and node.op in _NO_UNWRAP:
        raise LogQLError(f"invalid aggregation {node.op} with unwrap")
    if node.unwrap is None and node.op in _UNWRAP_ONLY:
        raise LogQLError(f"invalid aggregation {node.op} without unwrap")
