"""Sample values: the two NaNs that mean something, and number text."""

from __future__ import annotations

import math
import struct

from vedette.kernels.floats import format_seconds, format_value

__all__ = [
    "NORMAL_NAN_BITS",
    "STALE_NAN",
    "STALE_NAN_BITS",
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
