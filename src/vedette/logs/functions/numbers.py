"""Arithmetic of `line_format` templates: arguments of any kind become numbers, text that is none becomes 0."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from vedette.logs.filters.quantity import read_quantity
from vedette.template.errors import FunctionError

_WORD = 1 << 64
_HALF = 1 << 63


def to_int(value: Any) -> int:
    """As Go casts: prefixes ``0x``, ``0b`` and ``0`` count, fractions are cut off."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else 0
    if not isinstance(value, str):
        return 0
    text = value.strip()
    body = text.lstrip("+-")
    try:
        if len(body) > 1 and body[0] == "0" and body.isdigit():
            number = int(text, 8)
        else:
            number = int(text, 0)
    except ValueError:
        return 0
    return number if -_HALF <= number < _HALF else 0


def to_float(value: Any) -> float:
    if isinstance(value, (bool, int, float)):
        return float(value)
    try:
        return float(str(value)) if isinstance(value, str) and "_" not in value else 0.0
    except ValueError:
        return 0.0


def _wrapped(number: int) -> int:
    """As 64 bits hold it."""
    return (number + _HALF) % _WORD - _HALF


def add(*values: Any) -> int:
    return _wrapped(sum(map(to_int, values)))


def sub(a: Any, b: Any) -> int:
    return _wrapped(to_int(a) - to_int(b))


def mul(first: Any, *values: Any) -> int:
    out = to_int(first)
    for value in values:
        out = _wrapped(out * to_int(value))
    return out


def _divided(a: Any, b: Any) -> tuple[int, int]:
    left, right = to_int(a), to_int(b)
    if right == 0:
        raise FunctionError("runtime error: integer divide by zero")
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient, left - quotient * right


def div(a: Any, b: Any) -> int:
    return _wrapped(_divided(a, b)[0])


def mod(a: Any, b: Any) -> int:
    return _divided(a, b)[1]


def addf(first: Any, *values: Any) -> float:
    return float(sum((_decimal(v) for v in values), _decimal(first)))


def subf(first: Any, *values: Any) -> float:
    return float(_decimal(first) - sum((_decimal(v) for v in values), Decimal(0)))


def mulf(first: Any, *values: Any) -> float:
    out = _decimal(first)
    for value in values:
        out *= _decimal(value)
    return float(out)


def divf(first: Any, *values: Any) -> float:
    out = _decimal(first)
    for value in values:
        divisor = _decimal(value)
        if divisor == 0:
            raise FunctionError("decimal division by 0")
        out /= divisor
    return float(out)


def _decimal(value: Any) -> Decimal:
    number = to_float(value)
    if not math.isfinite(number):
        raise FunctionError(f"Cannot create a Decimal from {number}")
    return Decimal(repr(number))


def max_(first: Any, *values: Any) -> int:
    return max(map(to_int, (first, *values)))


def min_(first: Any, *values: Any) -> int:
    return min(map(to_int, (first, *values)))


def maxf(first: Any, *values: Any) -> float:
    return max(map(to_float, (first, *values)))


def minf(first: Any, *values: Any) -> float:
    return min(map(to_float, (first, *values)))


def ceil(value: Any) -> float:
    return float(_decimal(value).to_integral_value(ROUND_CEILING))


def floor(value: Any) -> float:
    return float(_decimal(value).to_integral_value(ROUND_FLOOR))


def round_(value: Any, places: int, *up_from: float) -> float:
    """Half away from zero, or from `up_from` of the last place."""
    number = _decimal(value).scaleb(max(-300, min(places, 300)))
    if up_from:
        whole = number.to_integral_value(ROUND_FLOOR)
        rounded = whole + 1 if number - whole >= Decimal(repr(float(up_from[0]))) else whole
    else:
        rounded = number.to_integral_value(ROUND_HALF_UP)
    return float(rounded.scaleb(-max(-300, min(places, 300))))


def convert_bytes(text: str) -> float:
    return _quantity("bytes", text)


def convert_duration(text: str) -> float:
    return _quantity("duration", text) / 1e9


def _quantity(kind: str, text: str) -> float:
    try:
        return read_quantity(kind, text)
    except ValueError as error:
        raise FunctionError(str(error)) from None


def from_json(text: str) -> Any:
    """The value of a JSON text, or nothing."""
    try:
        return _floats(orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


def _floats(value: Any) -> Any:
    # Go reads every JSON number as a float64.
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
