"""Sample values: the two NaNs that mean something, and number text."""

from __future__ import annotations

import math
import struct

from vedette.kernels.floats import format_seconds, format_value

__all__ = [
    "NORMAL_NAN_BITS",
    "STALE_NAN",
    "STALE_NAN_BITS",
    "format_go",
    "format_seconds",
    "format_value",
    "is_stale",
    "parse_go_float",
]

# The value that says "this series ended here". Only its bits tell it from a NaN that was measured.
STALE_NAN_BITS = 0x7FF0000000000002
NORMAL_NAN_BITS = 0x7FF8000000000001
STALE_NAN: float = struct.unpack("<d", struct.pack("<Q", STALE_NAN_BITS))[0]


def is_stale(value: float) -> bool:
    return value != value and struct.unpack("<Q", struct.pack("<d", value))[0] == STALE_NAN_BITS


def format_go(value: float) -> str:
    """A float as Go's ``%g`` prints it: the shortest text that reads back, exponents from ``1e-05`` and ``1e+06`` on."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        # Within these bounds Python and Go agree, but for the ``.0`` of whole numbers.
        return repr(value).removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        # Python writes exponents later (1e16) than Go (1e+06).
        digits = mantissa.lstrip("-").removesuffix(".0")
        whole, _, rest = digits.partition(".")
        exponent = str(len(whole) - 1)
        short = (whole + rest).rstrip("0")
        mantissa = ("-" if value < 0 else "") + short[0] + ("." + short[1:] if short[1:] else "")
    return f"{mantissa}e{int(exponent):+03d}"


def parse_go_float(text: str) -> float:
    """A float as Go's ParseFloat reads it: ``1e3``, ``0x1p-2``, ``+Inf``, ``NaN``, ``1_000`` only with a prefix.

    Raises `ValueError`.
    """
    low = text.lower()
    bare = low.lstrip("+-")
    if bare in ("inf", "infinity"):
        return -math.inf if low.startswith("-") else math.inf
    if low in ("nan", "+nan", "-nan"):
        return math.nan
    if bare.startswith("0x"):
        return float.fromhex(low if "p" in low else f"{low}p0")
    if "_" in text or text != text.strip():
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    return float(text)
