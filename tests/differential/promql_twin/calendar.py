"""Calendar parts of Unix seconds, UTC, for any 64-bit number."""

from __future__ import annotations

from collections.abc import Callable

_CYCLE_DAYS = 146097


def go_seconds(value: float) -> int:
    """A double as Go's int64 on amd64: what does not fit is the lowest number."""
    if value != value or not -(2.0**63) <= value < 2.0**63:
        return -(2**63)
    return int(value)


def _days(seconds: int) -> int:
    """Days since 0001-01-01; seconds before what Go can count wrap around."""
    return _wrapped(seconds) // 86400


def _wrapped(seconds: int) -> int:
    """Seconds since 0001-01-01."""
    offset = (292277022400 * _CYCLE_DAYS // 400) * 86400
    since_one = seconds + 62135596800
    return (since_one + offset) % 2**64 - offset


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_lengths(year: int) -> list[int]:
    return [31, 29 if _leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def _date(seconds: int) -> tuple[int, int, int, int]:
    """Year, month, day, day of the year."""
    cycles, day = divmod(_days(seconds), _CYCLE_DAYS)
    year = cycles * 400 + 1
    while day >= (length := 366 if _leap(year) else 365):
        day -= length
        year += 1
    of_year, month = day + 1, 1
    for length in _month_lengths(year):
        if day < length:
            break
        day -= length
        month += 1
    return year, month, day + 1, of_year


PARTS: dict[str, Callable[[int], int]] = {
    "minute": lambda s: _wrapped(s) % 3600 // 60,
    "hour": lambda s: _wrapped(s) % 86400 // 3600,
    "day_of_week": lambda s: (_days(s) + 1) % 7,
    "day_of_month": lambda s: _date(s)[2],
    "day_of_year": lambda s: _date(s)[3],
    "days_in_month": lambda s: _month_lengths(_date(s)[0])[_date(s)[1] - 1],
    "month": lambda s: _date(s)[1],
    "year": lambda s: _date(s)[0],
}
