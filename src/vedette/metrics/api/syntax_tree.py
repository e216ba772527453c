"""An expression as ``/api/v1/parse_query`` shows it: the original's names for the parts of a query."""

from __future__ import annotations

from typing import Any

from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    AtAnchor,
    Binary,
    Call,
    Card,
    Duration,
    DurationNumber,
    Expr,
    Matching,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
)
from vedette.metrics.promql.syntax.printer import format_number
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.metrics.promql.syntax.tokens import SET_OPERATORS
from vedette.model.labels import METRIC_NAME


def show_tree(expr: Expr) -> dict[str, Any]:
    """Durations are milliseconds; one that is an expression of its own is shown as 0."""
    match expr:
        case Number():
            return {"type": "numberLiteral", "val": format_number(expr.value)}
        case String():
            return {"type": "stringLiteral", "val": expr.value}
        case Selector():
            return {"type": "vectorSelector", **_selector(expr)}
        case Range():
            return {"type": "matrixSelector", **_selector(expr.selector), "range": _milliseconds(expr.range)}
        case Subquery():
            return {
                "type": "subquery",
                "expr": show_tree(expr.expr),
                "range": _milliseconds(expr.range),
                "step": _milliseconds(expr.step),
                **_moment(expr.at, expr.offset),
            }
        case Paren():
            return {"type": "parenExpr", "expr": show_tree(expr.expr)}
        case Unary():
            return {"type": "unaryExpr", "op": expr.op, "expr": show_tree(expr.expr)}
        case Binary():
            return {
                "type": "binaryExpr",
                "op": expr.op,
                "lhs": show_tree(expr.left),
                "rhs": show_tree(expr.right),
                "bool": expr.bool_modifier,
                "matching": None if expr.matching is None else _matching(expr.matching, expr.op),
            }
        case Call():
            return {
                "type": "call",
                "func": _function(expr.function),
                "args": [show_tree(argument) for argument in expr.args],
            }
        case Aggregation():
            return {
                "type": "aggregation",
                "op": expr.op,
                "expr": show_tree(expr.expr),
                "param": None if expr.param is None else show_tree(expr.param),
                "grouping": list(expr.grouping),
                "without": expr.without,
            }


def _selector(selector: Selector) -> dict[str, Any]:
    matchers = [
        {"name": matcher.name, "value": matcher.value, "type": matcher.op.value}
        for matcher in selector.matchers
        if not (selector.name and matcher.name == METRIC_NAME)
    ]
    return {"name": selector.name, "matchers": matchers, **_moment(selector.at, selector.offset)}


def _moment(at: float | AtAnchor | None, offset: Duration | None) -> dict[str, Any]:
    return {
        "offset": _milliseconds(offset),
        "timestamp": round(at * 1000) if isinstance(at, float | int) else None,
        "startOrEnd": at.value.removesuffix("()") if isinstance(at, AtAnchor) else None,
    }


def _milliseconds(duration: Duration | None) -> int:
    return round(duration.seconds * 1000) if isinstance(duration, DurationNumber) else 0


def _matching(matching: Matching, op: str) -> dict[str, Any]:
    card = Card.MANY_TO_MANY if op in SET_OPERATORS else matching.card
    return {
        "card": card.value,
        "labels": list(matching.labels),
        "on": matching.on,
        "include": list(matching.include),
    }


def _function(name: str) -> dict[str, Any]:
    signature = SIGNATURES[name]
    return {
        "name": name,
        "argTypes": [kind.api_name for kind in signature.args],
        "variadic": signature.variadic,
        "returnType": signature.returns.api_name,
    }
