"""Number and duration literals."""

from __future__ import annotations

import math
import re

from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.tokens import Kind, Token
from vedette.model.labels import quote
from vedette.model.time import parse_duration

_DECIMAL = re.compile(r"[0-9]+\Z")
_FLOAT = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?\Z")
# Integers are 64 bits wide; longer ones are read as floats.
_MOST = (1 << 63) - 1
# No int of more digits is read by Python, and none is below the largest float.
_DIGITS = 4000


def read_number(text: str) -> float:
    """``1_000``, ``0x1F``, ``0755`` (octal, as the original), ``1e3``, ``Inf``, ``NaN``. Raises `ValueError`."""
    if _DECIMAL.match(text) and len(text) < 19 and text[0] != "0":
        return float(int(text))
    low = text.lower()
    if low in ("inf", "nan"):
        return math.inf if low == "inf" else math.nan
    if low.endswith("_"):
        raise _syntax(text)
    low = low.replace("_", "")
    if low.startswith("0x"):
        try:
            value = int(low, 16)
        except ValueError:
            value = _MOST + 1
        if value > _MOST:
            raise _syntax(text)
        return float(value)
    if len(low) > 1 and low[0] == "0" and low.isdigit() and len(low) < _DIGITS and not set(low) & {"8", "9"}:
        value = int(low, 8)
        if value <= _MOST:
            return float(value)
    if not _FLOAT.match(low):
        raise _syntax(text)
    found = float(low)
    if math.isinf(found):
        raise ValueError(
            f"error parsing number: strconv.ParseFloat: parsing {quote(text)}: value out of range"
        )
    return found


def _syntax(text: str) -> ValueError:
    return ValueError(f"error parsing number: strconv.ParseFloat: parsing {quote(text)}: invalid syntax")


def literal_seconds(cursor: Cursor, token: Token) -> float:
    """The value of a number or duration token, in seconds."""
    try:
        return read_number(token.text) if token.kind is Kind.NUMBER else parse_duration(token.text) / 1000
    except ValueError as error:
        raise cursor.fail(str(error), token.start, token.end) from None


def signed_number(cursor: Cursor) -> float:
    """`5`, `-5`, `+1h`."""
    sign = 1.0
    if cursor.is_operator("+", "-"):
        sign = -1.0 if cursor.advance().text == "-" else 1.0
    token = cursor.token
    if token.kind not in (Kind.NUMBER, Kind.DURATION):
        raise cursor.unexpected()
    cursor.advance()
    value = literal_seconds(cursor, token)
    # One NaN object, so that equal trees compare equal.
    return math.nan if math.isnan(value) else sign * value
