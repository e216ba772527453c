"""Go's time layouts: ``2006-01-02 15:04:05``, the reference time written the way one wants to see every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|__2|_2(?!006)|0[1-6]|15|1|2006|2|3|4|5|PM|pm"
    r"|[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07|[.,](?:0+|9+)(?![0-9])"
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def moment(ns: int, zone: tzinfo = UTC) -> datetime:
    """Wall clock in `zone` of nanoseconds since the epoch, cut to microseconds."""
    return (_EPOCH + timedelta(microseconds=ns // 1000)).astimezone(zone)


_FIELDS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: MONTHS[t.month - 1],
    "Jan": lambda t: MONTHS[t.month - 1][:3],
    "1": lambda t: str(t.month),
    "01": lambda t: f"{t.month:02d}",
    "Monday": lambda t: _DAYS[t.weekday()],
    "Mon": lambda t: _DAYS[t.weekday()][:3],
    "2": lambda t: str(t.day),
    "_2": lambda t: f"{t.day:2d}",
    "02": lambda t: f"{t.day:02d}",
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3d}",
    "15": lambda t: f"{t.hour:02d}",
    "3": lambda t: str(t.hour % 12 or 12),
    "03": lambda t: f"{t.hour % 12 or 12:02d}",
    "4": lambda t: str(t.minute),
    "04": lambda t: f"{t.minute:02d}",
    "5": lambda t: str(t.second),
    "05": lambda t: f"{t.second:02d}",
    "2006": lambda t: f"{t.year:04d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "MST": lambda t: zone_name(t),
}


def zone_name(t: datetime) -> str:
    """``UTC``, ``CET``, or for zones without a name the offset ``+05``."""
    if t.tzinfo is UTC:
        return "UTC"
    name = t.tzname() or ""
    return _offset(t, "-0700") if not name or (name.startswith("UTC") and t.utcoffset()) else name


def _offset(t: datetime, form: str) -> str:
    seconds = int((t.utcoffset() or timedelta()).total_seconds())
    if form[0] == "Z" and not seconds:
        return "Z"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    colon = ":" if ":" in form else ""
    out = f"{sign}{hours:02d}"
    if len(form) > 3:
        out += f"{colon}{minutes:02d}"
    if len(form.replace(":", "")) > 5:
        out += f"{colon}{rest:02d}"
    return out


def format_time(ns: int, layout: str, zone: tzinfo = UTC) -> str:
    t = moment(ns, zone)

    def field(found: re.Match[str]) -> str:
        chunk = found[0]
        if chunk in _FIELDS:
            return _FIELDS[chunk](t)
        if chunk[0] in "-Z":
            return _offset(t, chunk)
        digits = f"{ns % 10**9:09d}"[: len(chunk) - 1].ljust(len(chunk) - 1, "0")
        if chunk[1] == "9":
            digits = digits.rstrip("0")
        return chunk[0] + digits if digits else ""

    return _CHUNK.sub(field, layout)


_PATTERNS = {
    "January": "(?P<month>" + "|".join(MONTHS) + ")",
    "Jan": "(?P<month>" + "|".join(month[:3] for month in MONTHS) + ")",
    "1": r"(?P<month>\d{1,2})",
    "01": r"(?P<month>\d{2})",
    "Monday": "(?:" + "|".join(_DAYS) + ")",
    "Mon": "(?:" + "|".join(day[:3] for day in _DAYS) + ")",
    "2": r"(?P<day>\d{1,2})",
    "_2": r" ?(?P<day>\d{1,2})",
    "02": r"(?P<day>\d{2})",
    "002": r"(?P<yearday>\d{3})",
    "__2": r" {0,2}(?P<yearday>\d{1,3})",
    "15": r"(?P<hour>\d{2})",
    "3": r"(?P<hour>\d{1,2})",
    "03": r"(?P<hour>\d{2})",
    "4": r"(?P<minute>\d{1,2})",
    "04": r"(?P<minute>\d{2})",
    "5": r"(?P<second>\d{1,2})(?:[.,](?P<part>\d+))?",
    "05": r"(?P<second>\d{2})(?:[.,](?P<part>\d+))?",
    "2006": r"(?P<year>\d{4})",
    "06": r"(?P<year>\d{2})",
    "PM": "(?P<half>AM|PM)",
    "pm": "(?P<half>am|pm)",
    "MST": r"(?P<zone>[A-Z]{3,5}|[+-]\d{2,4})",
}


def parse_time(layout: str, text: str) -> int:
    """Nanoseconds since the epoch of `text` written by `layout` (UTC unless it says otherwise).

    Raises `ValueError` with Go's words.
    """
    pattern, at = "", 0
    for found in _CHUNK.finditer(layout):
        pattern += re.escape(layout[at : found.start()])
        at = found.end()
        chunk = found[0]
        piece = _PATTERNS.get(chunk)
        if piece is None:
            piece = "" if chunk[0] in ".," else r"(?P<offset>Z|[+-]\d\d(?::?\d\d){0,2})"
        # A second mention of the same field must not name its group again.
        for name in re.findall(r"\(\?P<(\w+)>", piece):
            if f"(?P<{name}>" in pattern:
                piece = piece.replace(f"?P<{name}>", "?:")
        pattern += piece
    pattern += re.escape(layout[at:])
    match = re.fullmatch(pattern, text)
    if match is None:
        raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "{layout}"')
    try:
        return _assemble(match.groupdict())
    except ValueError:
        raise ValueError(f'parsing time "{text}": value out of range') from None


def _assemble(given: dict[str, str | None]) -> int:
    year_text = given.get("year")
    year = int(year_text or 0)
    if year_text is not None and len(year_text) == 2:
        year += 1900 if year >= 69 else 2000
    month_text = given.get("month") or "1"
    month = int(month_text) if month_text.isdigit() else 1 + [m[:3] for m in MONTHS].index(month_text[:3])
    hour = int(given.get("hour") or 0)
    half = (given.get("half") or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    offset = timedelta()
    written = given.get("offset")
    if written and written != "Z":
        digits = written[1:].replace(":", "").ljust(6, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
        offset = -offset if written[0] == "-" else offset
    base = datetime(
        max(year, 1),
        month,
        int(given.get("day") or 1),
        hour,
        int(given.get("minute") or 0),
        int(given.get("second") or 0),
        tzinfo=UTC,
    )
    if given.get("yearday"):
        base = base.replace(month=1, day=1) + timedelta(days=int(given["yearday"] or 1) - 1)
    nanoseconds = int((given.get("part") or "0").ljust(9, "0")[:9])
    return (base - offset - _EPOCH) // timedelta(seconds=1) * 10**9 + nanoseconds


def load_zone(name: str) -> tzinfo:
    """The zone of an IANA name. Raises `ValueError`."""
    if name in ("", "UTC"):
        return UTC
    if name == "Local":
        local = datetime.now().astimezone().tzinfo
        return local if local is not None else UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name}") from None
