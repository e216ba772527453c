from __future__ import annotations

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.kernels.floats import format_seconds, format_value


def plain_value(v: float) -> str:
    """The twin: shortest digits from Python's repr, laid out as Go's 'f' and 'e' formats do."""
    if v != v:
        return "NaN"
    if math.isinf(v):
        return "+Inf" if v > 0 else "-Inf"
    sign = "-" if math.copysign(1, v) < 0 else ""
    if v == 0:
        return sign + "0"
    mantissa, _, exponent = f"{abs(v)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len((whole + part).lstrip("0")))
    digits = digits.rstrip("0")
    if not 1e-6 <= abs(v) < 1e21:
        e = point - 1
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'-' if e < 0 else '+'}{abs(e):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


@given(st.floats())
@example(5e-324)
@example(1.7976931348623157e308)
@example(0.1 + 0.2)
@example(9007199254740993.0)
@example(1e21)
@example(1e-6)
@example(123456.789)
def test_values_as_the_plain_twin(v: float) -> None:
    assert format_value(v) == plain_value(v)


@given(st.integers(0, 2**64 - 1))
def test_values_read_back(bits: int) -> None:
    v = struct.unpack("<d", struct.pack("<Q", bits))[0]
    if v == v:
        assert float(format_value(v)) == v


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0"),
        (1500, "1.5"),
        (1435781451781, "1435781451.781"),
        (-1, "-0.001"),
        (10, "0.01"),
        (-(2**63), "-9223372036854775.808"),
    ],
)
def test_seconds(ms: int, text: str) -> None:
    assert format_seconds(ms) == text
