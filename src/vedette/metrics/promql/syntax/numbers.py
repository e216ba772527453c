"""Number and duration literals."""

from __future__ import annotations

import math

from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.tokens import Kind, Token
from vedette.model.time import DurationError, parse_duration


def read_number(text: str) -> float:
    """``1_000``, ``0x1F``, ``0755`` (octal, as the original), ``1e3``, ``Inf``, ``NaN``. Raises `ValueError`."""
    low = text.lower().replace("_", "")
    if low in ("inf", "nan"):
        return math.inf if low == "inf" else math.nan
    if low.startswith("0x"):
        return float(int(low, 16))
    if len(low) > 1 and low[0] == "0" and low.isdigit() and not set(low) & {"8", "9"}:
        return float(int(low, 8))
    return float(low)


def literal_seconds(cursor: Cursor, token: Token) -> float:
    """The value of a number or duration token, in seconds."""
    if token.kind is Kind.NUMBER:
        return read_number(token.text)
    try:
        return parse_duration(token.text) / 1000
    except DurationError as error:
        raise cursor.fail(str(error), token.start, token.end) from None


def signed_number(cursor: Cursor, context: str, expected: str) -> float:
    """`5`, `-5`, `+1h`."""
    sign = 1.0
    if cursor.is_operator("+", "-"):
        sign = -1.0 if cursor.advance().text == "-" else 1.0
    token = cursor.token
    if token.kind not in (Kind.NUMBER, Kind.DURATION):
        raise cursor.unexpected(context, expected)
    cursor.advance()
    value = literal_seconds(cursor, token)
    # One NaN object, so that equal trees compare equal.
    return math.nan if math.isnan(value) else sign * value
