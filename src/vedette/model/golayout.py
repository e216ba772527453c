"""Go's time layouts: the reference time ``Mon Jan 2 15:04:05 MST 2006`` as one wants to see every time.

Times are nanoseconds since the epoch. Templates write and read them, and the shipper's ``timestamp`` stage reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# Layouts that go by a name in configuration files.
NAMED: dict[str, str] = {
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
}
_HALF_A_YEAR_NS = 183 * 86400 * 10**9

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
    "January": "(?P<month>(?i:" + "|".join(MONTHS) + "))",
    "Jan": "(?P<month>(?i:" + "|".join(month[:3] for month in MONTHS) + "))",
    "1": r"(?P<month>\d{1,2})",
    "01": r"(?P<month>\d{2})",
    "Monday": "(?i:" + "|".join(_DAYS) + ")",
    "Mon": "(?i:" + "|".join(day[:3] for day in _DAYS) + ")",
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
    "5": r"(?P<second>\d{1,2})",
    "05": r"(?P<second>\d{2})",
    "2006": r"(?P<year>\d{4})",
    "06": r"(?P<year>\d{2})",
    "PM": "(?P<half>AM|PM)",
    "pm": "(?P<half>am|pm)",
    "MST": r"(?P<zone>[A-Z]{3,5}|ChST|MeST|[+-]\d{2,4})",
}
_FRACTION_AHEAD = re.compile(r"[.,](?:0+|9+)(?![0-9])")
_GROUP = re.compile(r"\(\?P<(\w+)>")


def _pattern(chunk: str) -> str:
    """What may stand where `chunk` stands in a layout."""
    if chunk in _PATTERNS:
        return _PATTERNS[chunk]
    if chunk[0] in ".,":
        # Zeros want as many digits, nines take what there is.
        digits = rf"[.,](?P<part>\d{{{len(chunk) - 1}}})"
        return digits if chunk[1] == "0" else r"(?:[.,](?P<part>\d+))?"
    return r"(?P<offset>Z|[+-]\d\d(?::?\d\d){0,2})"


@lru_cache(maxsize=256)
def _reader(layout: str) -> re.Pattern[str]:
    pattern, at = "", 0
    for found in _CHUNK.finditer(layout):
        pattern += re.escape(layout[at : found.start()])
        at = found.end()
        piece = _pattern(found[0])
        if found[0] in ("5", "05") and not _FRACTION_AHEAD.match(layout, at):
            # A fraction is read behind the seconds even when the layout has none.
            piece += r"(?:[.,](?P<part>\d+))?"
        # A second mention of the same field must not name its group again.
        for name in _GROUP.findall(piece):
            if f"(?P<{name}>" in pattern:
                piece = piece.replace(f"?P<{name}>", "?:")
        pattern += piece
    return re.compile(pattern + re.escape(layout[at:]))


def parse_time(layout: str, text: str, zone: tzinfo = UTC, *, near_ns: int | None = None) -> int:
    """Nanoseconds since the epoch of `text` written by `layout`, in `zone` unless it says otherwise.

    A text without a year is of the year 1, or of the last one that is not far beyond `near_ns`. Raises `ValueError`
    with Go's words.
    """
    match = _reader(layout).fullmatch(text)
    if match is None:
        raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "{layout}"')
    given = match.groupdict()
    try:
        year = _year(given.get("year"))
        if year is not None:
            return _assemble(given, year, zone)
        if near_ns is None:
            return _assemble(given, 1, zone)
        this_year = moment(near_ns, zone).year
        found = _assemble(given, this_year, zone)
        return found if found - near_ns <= _HALF_A_YEAR_NS else _assemble(given, this_year - 1, zone)
    except (ValueError, OverflowError):
        raise ValueError(f'parsing time "{text}": value out of range') from None


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    year = int(text)
    if len(text) == 2:
        return year + (1900 if year >= 69 else 2000)
    return max(year, 1)


def _assemble(given: dict[str, str | None], year: int, zone: tzinfo) -> int:
    month_text = (given.get("month") or "1").capitalize()
    month = int(month_text) if month_text.isdigit() else 1 + [m[:3] for m in MONTHS].index(month_text[:3])
    hour = int(given.get("hour") or 0)
    half = (given.get("half") or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    made = datetime(
        year,
        month,
        int(given.get("day") or 1),
        hour,
        int(given.get("minute") or 0),
        int(given.get("second") or 0),
        tzinfo=_zone(given, zone),
    )
    if given.get("yearday"):
        made = made.replace(month=1, day=1) + timedelta(days=int(given["yearday"] or 1) - 1)
    nanoseconds = int((given.get("part") or "0").ljust(9, "0")[:9])
    return (made - _EPOCH) // timedelta(seconds=1) * 10**9 + nanoseconds


def _zone(given: dict[str, str | None], zone: tzinfo) -> tzinfo:
    """An offset counts; of the zones' abbreviations, which are ambiguous, only those of UTC do."""
    written = given.get("offset")
    if written == "Z" or given.get("zone") in ("UTC", "GMT"):
        return UTC
    if not written:
        return zone
    digits = written[1:].replace(":", "").ljust(6, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
    return timezone(-span if written[0] == "-" else span)


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
