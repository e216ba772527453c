from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.kernels.floats import format_seconds, format_value

from .twins import Answers


@given(st.floats())
@example(5e-324)
@example(1.7976931348623157e308)
@example(0.1 + 0.2)
@example(9007199254740993.0)
@example(1e21)
@example(1e-6)
@example(123456.789)
def test_values_as_the_plain_twin(v: float) -> None:
    Answers("floats", "format_value", v).check()


@given(st.integers(0, 2**64 - 1))
def test_values_read_back(bits: int) -> None:
    v = struct.unpack("<d", struct.pack("<Q", bits))[0]
    if v == v:
        assert float(format_value(v)) == v


@given(st.integers(-(2**63), 2**63 - 1))
def test_seconds_as_the_plain_twin(ms: int) -> None:
    Answers("floats", "format_seconds", ms).check()


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
