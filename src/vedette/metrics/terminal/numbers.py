"""Numbers, durations and times as people read them."""

from __future__ import annotations

import math
from datetime import datetime


def value(text: str) -> str:
    """A sample's value: whole numbers whole, others with six digits or three decimals."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    size = abs(number)
    if number == int(number) and size < 1e15:
        return str(int(number))
    if 1000 <= size < 1e15:
        return f"{number:.3f}".rstrip("0").rstrip(".")
    return f"{number:.6g}"


def count(number: int) -> str:
    return f"{number:,}"


def seconds(duration: float) -> str:
    """``1.25 s``, ``31.0 ms``, ``4 µs``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if duration >= size:
            amount = duration / size
            return f"{amount:.{2 if amount < 10 else 1 if amount < 100 else 0}f} {unit}"
    return f"{duration * 1e6:.0f} µs"


def instant(ms: float) -> str:
    """``2026-01-31 12:00:05 CET``: in the zone of who reads it, with milliseconds only where there are any."""
    try:
        when = datetime.fromtimestamp(ms / 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        return f"{ms / 1000:.3f}"
    return f"{when:%Y-%m-%d %H:%M:%S}{_fraction(ms)} {when.tzname()}"


def span(start_ms: float, end_ms: float) -> str:
    """Two instants; the date once when it is the same."""
    first, last = instant(start_ms), instant(end_ms)
    if len(first) > 20 and first[:10] == last[:10]:
        return f"{first.rpartition(' ')[0]} to {last[11:]}"
    return f"{first} to {last}"


def _fraction(ms: float) -> str:
    part = round(ms) % 1000
    return f".{part:03d}" if part else ""
