"""Floats as Go's strconv.FormatFloat writes them."""

from __future__ import annotations

import math


def format_float(value: float, verb: str = "g", precision: int = -1) -> str:
    """`value` by verb ``e f g E G F x X b``; a negative precision means as many digits as needed to read it back."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    low = verb.lower()
    if low == "x":
        text = _hex(value, precision)
    elif low == "b":
        text = _binary(value)
    elif low == "g" and precision == 0:
        text = f"{value:.1g}"
    elif precision >= 0:
        text = f"{value:.{precision}{low}}"
    else:
        text = _shortest(value, low)
    return text.upper() if verb in "EGX" else text


def _shortest(value: float, verb: str) -> str:
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    digits, point = _digits(abs(value))
    exponent = point - 1 if value else 0
    if verb == "e" or (verb == "g" and not -4 <= exponent < 6):
        return sign + _scientific(digits, exponent)
    return sign + _plain(digits, point)


def _digits(value: float) -> tuple[str, int]:
    """The shortest digits that read back as `value`, and where the decimal point stands in them."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, part = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + ("" if part == "0" else part)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    stripped = stripped.rstrip("0")
    return (stripped, point) if stripped else ("0", 1)


def _scientific(digits: str, exponent: int) -> str:
    part = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{part}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _hex(value: float, precision: int) -> str:
    if value == 0:
        return ("-" if math.copysign(1.0, value) < 0 else "") + "0x0p+00"
    head, _, exponent = value.hex().partition("p")
    whole, _, part = head.partition(".")
    part = part.rstrip("0") if precision < 0 else part.ljust(precision, "0")[:precision]
    power = int(exponent)
    return f"{whole}{'.' + part if part else ''}p{'-' if power < 0 else '+'}{abs(power):02d}"


def _binary(value: float) -> str:
    mantissa, exponent = math.frexp(value)
    return f"{int(mantissa * (1 << 53))}p{exponent - 53:+d}"
