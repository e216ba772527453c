"""Times of the week, the month and the year: is a moment inside?

A spec holds when every field given holds; a field holds when any of its ranges does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from vedette.model.golayout import load_zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\Z")

Range = tuple[int, int]


class IntervalError(ValueError):
    """A range that means nothing. `str()` says what to write."""


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """Ranges are inclusive, `times` (minutes of the day) without their end. Empty means any."""

    times: tuple[Range, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    zone: tzinfo = UTC

    def contains(self, now: int) -> bool:
        """Whether `now` (nanoseconds since the epoch) is inside."""
        t = (_EPOCH + timedelta(microseconds=now // 1000)).astimezone(self.zone)
        minute = t.hour * 60 + t.minute
        if self.times and not any(start <= minute < end for start, end in self.times):
            return False
        if self.days_of_month and not self._in_month(t):
            return False
        return (
            _within(self.months, t.month)
            and _within(self.weekdays, t.isoweekday() % 7)
            and _within(self.years, t.year)
        )

    def _in_month(self, t: datetime) -> bool:
        following = t.replace(day=28) + timedelta(days=4)
        last = (following - timedelta(days=following.day)).day
        for start, end in self.days_of_month:
            first = start if start > 0 else last + start + 1
            final = end if end > 0 else last + end + 1
            if max(first, 1) <= t.day <= min(final, last) and first <= last:
                return True
        return False


def _within(ranges: tuple[Range, ...], value: int) -> bool:
    return not ranges or any(start <= value <= end for start, end in ranges)


def parse_spec(
    *,
    times: Sequence[tuple[str, str]] = (),
    weekdays: Sequence[str] = (),
    days_of_month: Sequence[str] = (),
    months: Sequence[str] = (),
    years: Sequence[str] = (),
    location: str = "",
) -> TimeInterval:
    """An interval from the texts of the configuration. Raises `IntervalError`."""
    try:
        zone = load_zone(location)
    except ValueError as error:
        raise IntervalError(f"{error}; write a name such as Europe/Berlin") from None
    return TimeInterval(
        times=tuple(_times(start, end) for start, end in times),
        weekdays=tuple(_weekdays(text) for text in weekdays),
        days_of_month=tuple(_days_of_month(text) for text in days_of_month),
        months=tuple(_months(text) for text in months),
        years=tuple(_numbers(text, "year") for text in years),
        zone=zone,
    )


def _times(start: str, end: str) -> Range:
    if not start or not end:
        raise IntervalError("both start and end times must be provided; add the other")
    first, last = _minute(start), _minute(end)
    if first >= last:
        raise IntervalError(
            "start time cannot be equal or greater than end time; write two entries to cross midnight"
        )
    return first, last


def _minute(text: str) -> int:
    found = _CLOCK.match(text)
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise IntervalError(f"couldn't parse timestamp {text}, invalid format; write HH:MM")
    return int(found[1]) * 60 + int(found[2])


def _ends(text: str) -> tuple[str, str]:
    parts = text.strip().lower().split(":")
    if len(parts) > 2:
        raise IntervalError(f'couldn\'t parse range {text}; write "begin:end"')
    return parts[0].strip(), parts[-1].strip()


def _weekdays(text: str) -> Range:
    try:
        start, end = (_WEEKDAYS.index(name) for name in _ends(text))
    except ValueError:
        raise IntervalError(f"{text} is not a valid weekday; write monday, or monday:friday") from None
    if start > end:
        raise IntervalError("start day cannot be before end day; write two ranges to cross the week's end")
    return start, end


def _numbers(text: str, what: str) -> Range:
    try:
        start, end = (int(part) for part in _ends(text))
    except ValueError:
        raise IntervalError(f"{text} is not a valid {what}; write a number or begin:end") from None
    if start > end:
        raise IntervalError(f"end {what} is before start {what}; exchange them")
    return start, end


def _months(text: str) -> Range:
    try:
        start, end = (_MONTHS.index(part) + 1 if part in _MONTHS else int(part) for part in _ends(text))
    except ValueError:
        raise IntervalError(f"{text} is not a valid month; write a name or 1 to 12") from None
    if not (1 <= start <= 12 and 1 <= end <= 12):
        raise IntervalError(f"{text} is not a valid month; write a name or 1 to 12")
    if start > end:
        raise IntervalError("end month is before start month; write two ranges to cross the year's end")
    return start, end


def _days_of_month(text: str) -> Range:
    try:
        start, end = (int(part) for part in _ends(text))
    except ValueError:
        raise IntervalError(f"{text} is not a valid day of the month; write 1 to 31 or -31 to -1") from None
    for day in (start, end):
        if day == 0 or not -31 <= day <= 31:
            raise IntervalError(
                f"{day} is not a valid day of the month: out of range; write 1 to 31 or -31 to -1"
            )
    if start < 0 < end:
        raise IntervalError("end day must be negative if start day is negative")
    # The widest month, so that 1:-1 and -3:31 are judged kindly.
    first, last = (day if day > 0 else 31 + day + 1 for day in (start, end))
    if first > last:
        raise IntervalError(f"end day {end} is always before start day {start}; exchange them")
    return start, end
