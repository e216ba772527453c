"""Quantities as LogQL writes them: durations in nanoseconds, sizes in bytes."""

from __future__ import annotations

import re

from vedette.model.time import DurationError, parse_duration, parse_go_duration

_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([a-zA-Z]*)\Z")
_SIZE_UNITS = {
    "b": 1, "": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9, "t": 10**12, "tb": 10**12,
    "p": 10**15, "pb": 10**15, "e": 10**18, "eb": 10**18, "ki": 2**10, "kib": 2**10, "mi": 2**20, "mib": 2**20, "gi": 2**30,
    "gib": 2**30, "ti": 2**40, "tib": 2**40, "pi": 2**50, "pib": 2**50, "ei": 2**60, "eib": 2**60,
}  # fmt: skip
_LITERAL_UNITS = frozenset("B kB KB MB GB TB PB EB KiB MiB GiB TiB PiB EiB".lower().split())


def duration_ns(text: str) -> int:
    """Nanoseconds of a duration literal: Go's form, else Prometheus's (``1d``, ``1w``). Raises `DurationError`."""
    try:
        return parse_go_duration(text)
    except DurationError:
        return parse_duration(text) * 10**6


def is_duration(text: str) -> bool:
    """Whether the literal `text` (with a unit) is a duration."""
    if text[-1:].isdigit() or text[-1:] == ".":
        return False
    try:
        duration_ns(text)
    except DurationError:
        return False
    return True


def size_bytes(text: str) -> int:
    """Bytes of ``5MB`` (decimal), ``5MiB`` (binary), ``5`` or ``1.5 kB``; case does not matter. Raises `ValueError`."""
    body = text.strip().replace(",", "")
    found = _SIZE.match(re.sub(r"(?<=[0-9.])\s+(?=[a-zA-Z])", "", body))
    if found is None or found[2].lower() not in _SIZE_UNITS:
        raise ValueError(f"unhandled size: {text!r}")
    value = float(found[1]) * _SIZE_UNITS[found[2].lower()]
    if value >= 2**64:
        raise ValueError(f"too large: {text}")
    return int(value)


def is_bytes(text: str) -> bool:
    """Whether the literal `text` is a size with a unit."""
    found = _SIZE.match(text)
    return found is not None and found[2].lower() in _LITERAL_UNITS
