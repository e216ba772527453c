"""The canonical text of a syntax tree. Parses back to an equal tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

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
    Extension,
    Matching,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
)
from vedette.metrics.promql.syntax.tokens import PARAMETER_AGGREGATORS
from vedette.model.labels import METRIC_NAME, MatchOp, is_legacy_label_name, quote
from vedette.model.time import format_duration


def format_number(value: float) -> str:
    """A float in plain decimal notation, never with an exponent, as the original prints literals."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" not in text:
        return text.removesuffix(".0")
    mantissa, exponent = text.split("e")
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.lstrip("-").replace(".", "")
    point = len(mantissa.lstrip("-").split(".")[0]) + int(exponent)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits.rstrip('0') or '0'}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _short(value: float) -> str:
    """A float as Go's %v prints it: with an exponent where decimals would be long."""
    if not math.isfinite(value) or value == 0 or 1e-4 <= abs(value) < 1e21:
        return format_number(value)
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        # Python turns to exponents later on the small side, never earlier on the large one.
        return format_number(value)
    return f"{mantissa.removesuffix('.0')}e{exponent[0]}{exponent[1:].lstrip('0').rjust(2, '0')}"


def label_list(names: Iterable[str]) -> str:
    return ", ".join(n if is_legacy_label_name(n) else quote(n) for n in names)


def format_duration_expr(d: Duration) -> str:
    match d:
        case DurationNumber(seconds, is_duration):
            return _duration(seconds) if is_duration else format_number(seconds)
        case DurationCall(name, args):
            return f"{name}({', '.join([format_duration_expr(a) for a in args])})"
        case DurationUnary(op, arg):
            return f"{'-' if op == '-' else ''}{format_duration_expr(arg)}"
        case DurationBinary(op, left, right):
            return f"{format_duration_expr(left)} {op} {format_duration_expr(right)}"
        case DurationParen(arg):
            return f"({format_duration_expr(arg)})"


def _duration(seconds: float) -> str:
    return format_duration(DurationNumber(seconds).milliseconds)


def _window(d: Duration) -> str:
    # A plain number of seconds is shown as the duration that it is.
    return format_duration(d.milliseconds) if isinstance(d, DurationNumber) else format_duration_expr(d)


def _at(at: float | AtAnchor | None) -> str:
    if at is None:
        return ""
    return f" @ {at.value}" if isinstance(at, AtAnchor) else f" @ {at:.3f}"


def _offset(offset: Duration | None) -> str:
    if offset is None:
        return ""
    if isinstance(offset, DurationNumber):
        return f" offset {'-' if offset.nanoseconds < 0 else ''}{format_duration(abs(offset.milliseconds))}"
    return f" offset {format_duration_expr(offset)}"


def selector_body(node: Selector) -> str:
    """`name{matchers}` without modifiers, matchers ordered by their text."""
    parts = [
        str(m)
        for m in node.matchers
        if not (m.name == METRIC_NAME and m.op is MatchOp.EQUAL and m.value == node.name and node.name)
    ]
    return f"{node.name}{{{','.join(sorted(parts))}}}" if parts else node.name


def _extension(node: Selector) -> str:
    return "" if node.extension is Extension.NONE else f" {node.extension.value}"


def matching_text(m: Matching | None) -> str:
    """The modifiers between operator and right side, each with a leading space."""
    if m is None:
        return ""
    out = ""
    grouped = m.card in (Card.MANY_TO_ONE, Card.ONE_TO_MANY)
    if m.labels or m.on or grouped:
        out += f" {'on' if m.on else 'ignoring'} ({label_list(m.labels)})"
    if grouped:
        out += f" group_{'left' if m.card is Card.MANY_TO_ONE else 'right'} ({label_list(m.include)})"
    if m.fill_left is not None and m.fill_left == m.fill_right:
        return f"{out} fill ({_short(m.fill_left)})"
    if m.fill_left is not None:
        out += f" fill_left ({_short(m.fill_left)})"
    if m.fill_right is not None:
        out += f" fill_right ({_short(m.fill_right)})"
    return out


def operator_text(node: Binary) -> str:
    """The operator with its modifiers."""
    return f"{node.op}{' bool' if node.bool_modifier else ''}{matching_text(node.matching)}"


def aggregation_head(node: Aggregation) -> str:
    if node.without:
        return f"{node.op} without ({label_list(node.grouping)}) "
    if node.grouping:
        return f"{node.op} by ({label_list(node.grouping)}) "
    return node.op


def subquery_suffix(node: Subquery) -> str:
    step = "" if node.step is None else _window(node.step)
    return f"[{_window(node.range)}:{step}]{_at(node.at)}{_offset(node.offset)}"


def format_expr(node: Node) -> str:
    return format_node(node, format_expr)


def format_node(node: Node, show: Callable[[Node], str]) -> str:
    """The text of a node whose parts are shown by `show`."""
    match node:
        case Number(value, is_duration):
            return _duration(value) if is_duration else format_number(value)
        case String(value):
            return quote(value)
        case Selector():
            return f"{selector_body(node)}{_at(node.at)}{_extension(node)}{_offset(node.offset)}"
        case Range(selector, span):
            tail = f"{_extension(selector)}{_at(selector.at)}{_offset(selector.offset)}"
            return f"{selector_body(selector)}[{_window(span)}]{tail}"
        case Subquery(expr):
            return f"{show(expr)}{subquery_suffix(node)}"
        case Paren(expr):
            return f"({show(expr)})"
        case Unary(op, expr):
            return f"{op}{show(expr)}"
        case Binary(_, left, right):
            return f"{show(left)} {operator_text(node)} {show(right)}"
        case Call(function, args):
            return f"{function}({', '.join([show(a) for a in args])})"
        case Aggregation(op, expr, param):
            first = f"{show(param)}, " if param is not None and op in PARAMETER_AGGREGATORS else ""
            return f"{aggregation_head(node)}({first}{show(expr)})"
        case DurationNumber() | DurationCall() | DurationUnary() | DurationBinary() | DurationParen():
            return format_duration_expr(node)
    raise TypeError(f"BUG: no text for {type(node).__name__}")
