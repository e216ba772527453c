"""Durations in brackets and after `offset`: literals and the small arithmetic on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.nodes import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationParen,
    DurationUnary,
)
from vedette.metrics.promql.syntax.numbers import literal_seconds
from vedette.metrics.promql.syntax.tokens import Kind

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_UNARY = 3
_NO_ARGUMENTS = ("step", "range")
_TWO_ARGUMENTS = ("min_of", "max_of")
# The longest duration that the original can hold, in seconds.
MAX_SECONDS = (1 << 63) / 1e9


def parse_window(cursor: Cursor, context: str) -> Duration:
    """A duration in brackets: any expression."""
    return _binary(cursor, 0, context, "number, duration, step(), or range()")


def parse_offset(cursor: Cursor) -> Duration:
    """A duration after `offset`: a signed literal or call, or any expression in parentheses."""
    return _unary(cursor, 99, "offset", "number, duration, step(), or range()")


def _binary(cursor: Cursor, least: int, context: str, expected: str) -> Duration:
    left = _unary(cursor, _UNARY, context, expected)
    while cursor.token.kind is Kind.OPERATOR:
        op = cursor.token.text
        power = _PRECEDENCE.get(op)
        if power is None or power < least:
            break
        cursor.advance()
        right = _binary(cursor, power if op == "^" else power + 1, context, expected)
        left = DurationBinary(op, left, right, start=left.start, end=right.end)
    return left


def _unary(cursor: Cursor, power: int, context: str, expected: str) -> Duration:
    token = cursor.token
    if cursor.is_operator("+", "-"):
        cursor.advance()
        arg = (
            _unary(cursor, power, context, expected)
            if power > _UNARY
            else _binary(cursor, power, context, expected)
        )
        if isinstance(arg, DurationNumber):
            seconds = -arg.seconds if token.text == "-" else arg.seconds
            return DurationNumber(seconds, arg.is_duration, start=token.start, end=arg.end)
        return DurationUnary(token.text, arg, start=token.start, end=arg.end)
    return _primary(cursor, context, expected)


def _primary(cursor: Cursor, context: str, expected: str) -> Duration:
    token = cursor.token
    if token.kind in (Kind.NUMBER, Kind.DURATION):
        cursor.advance()
        seconds = literal_seconds(cursor, token)
        if not abs(seconds) < MAX_SECONDS:
            raise cursor.fail("duration out of range", token.start, token.end)
        return DurationNumber(seconds, token.kind is Kind.DURATION, start=token.start, end=token.end)
    if cursor.take_punct("("):
        arg = _binary(cursor, 0, context, expected)
        close = cursor.expect_punct(")", context)
        return DurationParen(arg, start=token.start, end=close.end)
    if token.word in _NO_ARGUMENTS or token.word in _TWO_ARGUMENTS:
        return _call(cursor, context, expected)
    raise cursor.unexpected(context, expected)


def _call(cursor: Cursor, context: str, expected: str) -> Duration:
    token = cursor.advance()
    cursor.expect_punct("(", context)
    args: list[Duration] = []
    if token.word in _TWO_ARGUMENTS:
        args.append(_binary(cursor, 0, context, expected))
        cursor.expect_punct(",", context)
        args.append(_binary(cursor, 0, context, expected))
    close = cursor.expect_punct(")", context)
    return DurationCall(token.word, tuple(args), start=token.start, end=close.end)


@dataclass(frozen=True, slots=True)
class DurationContext:
    """What `step()` and `range()` stand for, in milliseconds; both 0 in an instant query."""

    query: str
    step_ms: int = 0
    range_ms: int = 0


def evaluate(duration: Duration, context: DurationContext) -> int:
    """Milliseconds of a duration. Raises `ParseError` for division by zero and for what no clock can hold."""
    seconds = _seconds(duration, context)
    if not math.isfinite(seconds) or abs(seconds) >= MAX_SECONDS:
        raise ParseError("duration out of range", context.query, duration.start, duration.end)
    return round(seconds * 1000)


def evaluate_positive(duration: Duration, context: DurationContext) -> int:
    """As `evaluate`, and refuses what is no length of time."""
    ms = evaluate(duration, context)
    if ms <= 0:
        raise ParseError("duration must be greater than 0", context.query, duration.start, duration.end)
    return ms


def _seconds(duration: Duration, context: DurationContext) -> float:
    match duration:
        case DurationNumber(seconds):
            return seconds
        case DurationParen(arg):
            return _seconds(arg, context)
        case DurationUnary(op, arg):
            value = _seconds(arg, context)
            return -value if op == "-" else value
        case DurationCall("step"):
            return context.step_ms / 1000
        case DurationCall("range"):
            return context.range_ms / 1000
        case DurationCall(name, (a, b)):
            pick = min if name == "min_of" else max
            return pick(_seconds(a, context), _seconds(b, context))
        case DurationBinary(op, left, right):
            return _arithmetic(duration, op, _seconds(left, context), _seconds(right, context), context)
    raise TypeError(f"BUG: no duration {duration!r}")


def _arithmetic(node: Duration, op: str, a: float, b: float, context: DurationContext) -> float:
    if b == 0 and op in "/%":
        what = "division" if op == "/" else "modulo"
        raise ParseError(f"{what} by zero", context.query, node.start, node.end)
    try:
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b
            case "%":
                return math.fmod(a, b)
            case _:
                return math.pow(a, b)
    except (ValueError, OverflowError):
        return math.nan
