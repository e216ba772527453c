"""Durations in brackets and after `offset`: literals and the small arithmetic on them, read."""

from __future__ import annotations

from dataclasses import replace

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
from vedette.metrics.promql.syntax.tokens import Kind, Token
from vedette.model.depth import MAX_NESTING

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_UNARY = 3
_NO_ARGUMENTS = ("step", "range")
_TWO_ARGUMENTS = ("min_of", "max_of")
# The longest duration that the original can hold, in seconds.
MAX_SECONDS = (1 << 63) / 1e9


def parse_window(cursor: Cursor) -> Duration:
    """A duration in brackets: any expression."""
    return _binary(cursor, 0, 0)


def parse_offset(cursor: Cursor) -> Duration:
    """A duration after `offset`.

    A literal or a call, with at most one sign, ends the duration: what follows takes the offset selector as its left
    side. Whatever else a duration may begin with (parentheses, several signs) goes on as an expression.
    """
    token = cursor.token
    if token.kind in _LITERALS or token.kind is Kind.PREPROCESSOR:
        return _primary(cursor, 0)
    if not cursor.is_operator("+", "-"):
        return _binary(cursor, 0, 0)
    after = cursor.next_token
    if after.kind in _LITERALS:
        cursor.advance()
        return _signed(token, _literal(cursor, token))
    if after.kind is Kind.PREPROCESSOR:
        cursor.advance()
        arg = _primary(cursor, 0)
        return DurationUnary(token.text, arg, start=token.start, end=arg.end)
    if after.kind is Kind.PUNCTUATION and after.text == "(":
        cursor.advance()
        return _signed(token, _primary(cursor, 0))
    return _binary(cursor, 0, 0)


_LITERALS = (Kind.NUMBER, Kind.DURATION)


def _binary(cursor: Cursor, least: int, depth: int) -> Duration:
    left = _unary(cursor, depth)
    while cursor.look().kind is Kind.OPERATOR:
        op = cursor.token.text
        power = _PRECEDENCE.get(op)
        if power is None or power < least:
            break
        sign = cursor.advance()
        right = _binary(cursor, power if op == "^" else power + 1, _deeper(cursor, depth))
        if op in "/%" and isinstance(right, DurationNumber) and right.seconds == 0:
            what = "division" if op == "/" else "modulo"
            raise cursor.fail(f"{what} by zero", sign.start, sign.end)
        left = DurationBinary(op, left, right, start=left.start, end=right.end)
        depth = _deeper(cursor, depth)
    return left


def _unary(cursor: Cursor, depth: int) -> Duration:
    token = cursor.token
    if not cursor.is_operator("+", "-"):
        return _primary(cursor, depth)
    cursor.advance()
    return _signed(token, _binary(cursor, _UNARY, _deeper(cursor, depth)))


def _signed(sign: Token, arg: Duration) -> Duration:
    if isinstance(arg, DurationNumber):
        return replace(arg, seconds=-arg.seconds if sign.text == "-" else arg.seconds, start=sign.start)
    return DurationUnary("-", arg, start=sign.start, end=arg.end) if sign.text == "-" else arg


def _literal(cursor: Cursor, blamed: Token | None = None) -> DurationNumber:
    token = cursor.advance()
    seconds = literal_seconds(cursor, token)
    if not abs(seconds) <= MAX_SECONDS:
        raise cursor.fail("duration out of range", (blamed or token).start, token.end)
    return DurationNumber(seconds, token.kind is Kind.DURATION, start=token.start, end=token.end)


def _primary(cursor: Cursor, depth: int) -> Duration:
    token = cursor.token
    if token.kind in _LITERALS:
        return _literal(cursor)
    if cursor.take_punct("("):
        arg = _binary(cursor, 0, _deeper(cursor, depth))
        close = cursor.expect_punct(")")
        # Parentheses say nothing around a literal or within others.
        if isinstance(arg, DurationNumber | DurationParen):
            return arg
        return DurationParen(arg, start=token.start, end=close.end)
    if token.kind is Kind.PREPROCESSOR and (token.word in _NO_ARGUMENTS or token.word in _TWO_ARGUMENTS):
        return _call(cursor, depth)
    raise cursor.unexpected()


def _call(cursor: Cursor, depth: int) -> Duration:
    token = cursor.advance()
    cursor.expect_punct("(")
    args: list[Duration] = []
    if token.word in _TWO_ARGUMENTS:
        depth = _deeper(cursor, depth)
        args.append(_binary(cursor, 0, depth))
        cursor.expect_punct(",")
        args.append(_binary(cursor, 0, depth))
    close = cursor.expect_punct(")")
    return DurationCall(token.word, tuple(args), start=token.start, end=close.end)


def _deeper(cursor: Cursor, depth: int) -> int:
    if depth >= MAX_NESTING:
        raise cursor.fail("duration is nested too deeply", cursor.token.start, cursor.token.end)
    return depth + 1
