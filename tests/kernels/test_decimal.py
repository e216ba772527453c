"""Decimal text to double: the kernel against Python's own reader, which rounds correctly."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels.decimal import parse_float


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def agree(text: str) -> None:
    want = float(text)
    if math.isinf(want):
        with pytest.raises(OverflowError):
            parse_float(text.encode())
    else:
        assert bits(parse_float(text.encode())) == bits(want), text


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=2000, deadline=None)
def test_shortest_text_reads_back(value: float) -> None:
    agree(repr(value))
    agree(f"{value:.3f}")
    agree(f"{value:.17e}")


@given(
    digits=st.integers(0, 10**25),
    point=st.integers(0, 24),
    exponent=st.integers(-360, 320),
    sign=st.sampled_from(["", "-", "+"]),
)
@settings(max_examples=2000, deadline=None)
def test_any_decimal(digits: int, point: int, exponent: int, sign: str) -> None:
    text = str(digits).rjust(point + 1, "0")
    agree(f"{sign}{text[: len(text) - point]}.{text[len(text) - point :]}e{exponent}")


@given(st.integers(1, 2**53 - 1), st.integers(-1074, 900))
@settings(max_examples=1000, deadline=None)
def test_halfway_between_two_doubles(mantissa: int, power: int) -> None:
    # Written out exactly, with all digits, and one digit to either side.
    numerator = (2 * mantissa + 1) << max(power, 0)
    if power >= 0:
        agree(f"{numerator}")
        agree(f"{numerator}.0000000000000000000000000000000000000000000000001")
    else:
        scaled = numerator * 5 ** (-power)
        agree(f"{scaled}e{power}")
        agree(f"{scaled}1e{power - 1}")


@pytest.mark.parametrize("text", ["Inf", "+inf", "-Infinity", "iNF"])
def test_infinity(text: str) -> None:
    assert math.isinf(parse_float(text.encode()))
    assert (parse_float(text.encode()) < 0) == text.startswith("-")


@pytest.mark.parametrize("text", ["NaN", "nan", "NAN"])
def test_nan(text: str) -> None:
    assert math.isnan(parse_float(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        ".",
        "e5",
        "1e",
        "1e+",
        "1_000",
        "0x10",
        "0x1p-3",
        "1.2.3",
        " 1",
        "1 ",
        "--1",
        "+nan",
        "infinit",
        "1\x00",
        "1٣",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_float(text.encode())


@pytest.mark.parametrize("text", ["5.", ".5", "-.5e1", "00012", "1e-400", "-0", "0e999999999999"])
def test_odd_numbers(text: str) -> None:
    agree(text)
