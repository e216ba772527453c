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
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationParen,
    DurationUnary,
    Expr,
    Extension,
    Matching,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    ValueType,
)
from vedette.metrics.promql.syntax.printer import format_number
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.metrics.promql.syntax.tokens import SET_OPERATORS
from vedette.metrics.promql.syntax.types import type_of
from vedette.web.errors import utf8

_PLAIN = Matching()


def show_tree(expr: Expr) -> dict[str, Any]:
    """Durations are milliseconds; one that is computed is 0 and has its own tree beside it, ``rangeExpr`` and so on."""
    match expr:
        case Number():
            return {"type": "numberLiteral", "val": format_number(expr.value)}
        case String():
            return {"type": "stringLiteral", "val": utf8(expr.value)}
        case Selector():
            return {"type": "vectorSelector", **_selector(expr)}
        case Range():
            return {
                "type": "matrixSelector",
                **_selector(expr.selector),
                "range": _milliseconds(expr.range),
                "rangeExpr": _computed(expr.range),
            }
        case Subquery():
            return {
                "type": "subquery",
                "expr": show_tree(expr.expr),
                "range": _milliseconds(expr.range),
                "rangeExpr": _computed(expr.range),
                "step": _milliseconds(expr.step),
                "stepExpr": _computed(expr.step),
                **_moment(expr.at, expr.offset),
            }
        case Paren():
            return {"type": "parenExpr", "expr": show_tree(expr.expr)}
        case Unary():
            return {"type": "unaryExpr", "op": expr.op, "expr": show_tree(expr.expr)}
        case Binary():
            return _binary(expr)
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
    return {
        "name": selector.name,
        "matchers": [
            {"name": utf8(matcher.name), "value": utf8(matcher.value), "type": matcher.op.value}
            for matcher in selector.matchers
        ],
        **_moment(selector.at, selector.offset),
        "anchored": selector.extension is Extension.ANCHORED,
        "smoothed": selector.extension is Extension.SMOOTHED,
    }


def _moment(at: float | AtAnchor | None, offset: Duration | None) -> dict[str, Any]:
    return {
        "offset": _milliseconds(offset),
        "offsetExpr": _computed(offset),
        "timestamp": round(at * 1000) if isinstance(at, float | int) else None,
        "startOrEnd": at.value.removesuffix("()") if isinstance(at, AtAnchor) else None,
    }


def _milliseconds(duration: Duration | None) -> int:
    return duration.milliseconds if isinstance(duration, DurationNumber) else 0


def _computed(duration: Duration | None) -> dict[str, Any] | None:
    if duration is None or isinstance(duration, DurationNumber):
        return None
    return _duration(duration)


def _duration(duration: Duration, *, wrapped: bool = False) -> dict[str, Any]:
    left: Duration | None = None
    right: Duration | None = None
    match duration:
        case DurationNumber(seconds, is_duration):
            return {"type": "numberLiteral", "val": format_number(seconds), "duration": is_duration}
        case DurationParen(arg):
            return _duration(arg, wrapped=True)
        case DurationUnary(op, right):
            pass
        case DurationBinary(op, left, right) | DurationCall(op, (left, right)):
            pass
        case DurationCall(op):
            pass
    return {
        "type": "durationExpr",
        "op": op,
        "lhs": None if left is None else _duration(left),
        "rhs": None if right is None else _duration(right),
        "wrapped": wrapped,
    }


def _binary(expr: Binary) -> dict[str, Any]:
    matching = expr.matching
    # The right side first: in a row of operators it is the short one.
    if matching is None and not (_is_scalar(expr.right) or _is_scalar(expr.left)):
        matching = _PLAIN
    return {
        "type": "binaryExpr",
        "op": expr.op,
        "lhs": show_tree(expr.left),
        "rhs": show_tree(expr.right),
        "bool": expr.bool_modifier,
        "matching": None if matching is None else _matching(matching, expr.op),
    }


def _is_scalar(expr: Expr) -> bool:
    return type_of(expr) is ValueType.SCALAR


def _matching(matching: Matching, op: str) -> dict[str, Any]:
    card = Card.MANY_TO_MANY if op in SET_OPERATORS else matching.card
    return {
        "card": card.value,
        "labels": list(matching.labels),
        "on": matching.on,
        "include": list(matching.include),
        "fillValues": {"lhs": matching.fill_left, "rhs": matching.fill_right},
    }


def _function(name: str) -> dict[str, Any]:
    signature = SIGNATURES[name]
    return {
        "name": name,
        "argTypes": [kind.api_name for kind in signature.args],
        "variadic": signature.variadic,
        "returnType": signature.returns.api_name,
    }
