"""Go's time layouts: the reference time ``Mon Jan 2 15:04:05 MST 2006`` as a format, for reading and writing.

Times are nanoseconds since the epoch. Used by the shipper's ``timestamp`` stage and by template date functions.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

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

_MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
_MONTHS += ["August", "September", "October", "November", "December"]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_CHUNK = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z07:00|Z0700|Z07|-07:00:00|-07:00|-0700|-07|"
    r"002|__2|_2|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5"
)
_ZONE = r"[+-]\d\d:?\d\d(?::?\d\d)?|[+-]\d\d"
_READ: dict[str, str] = {
    "January": r"(?P<month_name>[A-Za-z]+)", "Jan": r"(?P<month_abbr>[A-Za-z]{3})",
    "Monday": r"[A-Za-z]+", "Mon": r"[A-Za-z]{3}", "MST": r"(?P<zone_name>[A-Z][A-Za-z]{2,4}|[+-]\d\d(?:\d\d)?)",
    "2006": r"(?P<year>\d{4})", "06": r"(?P<year2>\d\d)", "01": r"(?P<month>\d\d)", "1": r"(?P<month>\d\d?)",
    "02": r"(?P<day>\d\d)", "2": r"(?P<day>\d\d?)", "_2": r" ?(?P<day>\d\d?)",
    "002": r"(?P<yday>\d{3})", "__2": r" *(?P<yday>\d{1,3})",
    "15": r"(?P<hour>\d\d)", "03": r"(?P<hour12>\d\d)", "3": r"(?P<hour12>\d\d?)",
    "04": r"(?P<minute>\d\d)", "4": r"(?P<minute>\d\d?)", "05": r"(?P<second>\d\d)", "5": r"(?P<second>\d\d?)",
    "PM": r"(?P<half>AM|PM)", "pm": r"(?P<half>am|pm)",
}  # fmt: skip


@lru_cache(maxsize=256)
def _reader(layout: str) -> re.Pattern[str]:
    out, at = [], 0
    seen_fraction = False
    for found in _CHUNK.finditer(layout):
        out.append(re.escape(layout[at : found.start()]))
        token, at = found[0], found.end()
        if token in _READ:
            out.append(_READ[token])
            # Go reads a fraction behind the seconds even when the layout has none.
            if token in ("05", "5") and not re.match(r"[.,][09]", layout[at:]):
                out.append(r"(?:[.,](?P<fraction>\d+))?")
                seen_fraction = True
        elif token[0] in ".,":
            if not seen_fraction:
                digits = rf"{{{len(token) - 1}}}" if token[1] == "0" else "+"
                group = rf"[.,](?P<fraction>\d{digits})"
                out.append(group if token[1] == "0" else rf"(?:{group})?")
        elif token.startswith("Z"):
            out.append(rf"(?P<offset>Z|{_ZONE})")
        else:
            out.append(rf"(?P<offset>{_ZONE})")
    out.append(re.escape(layout[at:]))
    return re.compile("".join(out) + r"\Z")


def parse(layout: str, text: str, *, location: tzinfo = UTC, now_ns: int | None = None) -> int:
    """Nanoseconds of `text`, which is written as `layout` (a layout or the name of one). Raises `ValueError`.

    Without a zone in the layout, `location` counts. Without a year, the one nearest to `now_ns` does (when given).
    """
    found = _reader(NAMED.get(layout, layout)).match(text)
    if found is None:
        raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse')
    part = found.groupdict()
    second = int(part.get("second") or 0)
    hour = _hour(part)
    zone = _zone(part, location)
    year = _year(part)
    month, day = _month(part), int(part.get("day") or 1)
    assumed = year is None and now_ns is not None
    if year is None:
        year = datetime.fromtimestamp(now_ns / 1e9, UTC).year if now_ns is not None else 1
    made = datetime(year, month, day, hour, int(part.get("minute") or 0), second, tzinfo=zone)
    if part.get("yday"):
        made = made.replace(month=1, day=1) + timedelta(days=int(part["yday"]) - 1)
    if assumed and now_ns is not None and made.timestamp() - now_ns / 1e9 > 183 * 86400:
        made = made.replace(year=year - 1)
    whole = (made - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return whole * 10**9 + int((part.get("fraction") or "0")[:9].ljust(9, "0"))


def _hour(part: dict[str, str | None]) -> int:
    if part.get("hour12"):
        hour = int(part["hour12"] or 0) % 12
        return hour + 12 if (part.get("half") or "").lower() == "pm" else hour
    return int(part.get("hour") or 0)


def _year(part: dict[str, str | None]) -> int | None:
    if part.get("year"):
        return int(part["year"] or 0)
    if part.get("year2"):
        short = int(part["year2"] or 0)
        return 1900 + short if short >= 69 else 2000 + short
    return None


def _month(part: dict[str, str | None]) -> int:
    name = part.get("month_name") or part.get("month_abbr")
    if name:
        for number, full in enumerate(_MONTHS, 1):
            if name.lower() in (full.lower(), full[:3].lower()):
                return number
        raise ValueError(f'"{name}" is no month')
    return int(part.get("month") or 1)


def _zone(part: dict[str, str | None], location: tzinfo) -> tzinfo:
    offset = part.get("offset")
    if offset == "Z":
        return UTC
    if offset:
        digits = offset[1:].replace(":", "").ljust(6, "0")
        span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
        return timezone(-span if offset[0] == "-" else span)
    name = part.get("zone_name")
    if name in ("UTC", "GMT"):
        return UTC
    return location


def format_time(layout: str, ns: int, *, location: tzinfo = UTC) -> str:
    """`ns` written as `layout` (a layout or the name of one), in the zone `location`."""
    when = datetime.fromtimestamp(ns // 10**9, UTC).astimezone(location)
    nanos = ns % 10**9
    return _CHUNK.sub(lambda found: _write(found[0], when, nanos), NAMED.get(layout, layout))


def _write(token: str, when: datetime, nanos: int) -> str:
    hour12 = when.hour % 12 or 12
    simple = {
        "January": _MONTHS[when.month - 1], "Jan": _MONTHS[when.month - 1][:3],
        "Monday": _DAYS[when.weekday()], "Mon": _DAYS[when.weekday()][:3], "MST": when.tzname() or "UTC",
        "2006": f"{when.year:04d}", "06": f"{when.year % 100:02d}", "01": f"{when.month:02d}", "1": str(when.month),
        "02": f"{when.day:02d}", "2": str(when.day), "_2": f"{when.day:2d}",
        "002": f"{when.timetuple().tm_yday:03d}", "__2": f"{when.timetuple().tm_yday:3d}",
        "15": f"{when.hour:02d}", "03": f"{hour12:02d}", "3": str(hour12), "04": f"{when.minute:02d}",
        "4": str(when.minute), "05": f"{when.second:02d}", "5": str(when.second),
        "PM": "PM" if when.hour >= 12 else "AM", "pm": "pm" if when.hour >= 12 else "am",
    }.get(token)  # fmt: skip
    if simple is not None:
        return simple
    if token[0] in ".,":
        digits = f"{nanos:09d}"[: len(token) - 1].ljust(len(token) - 1, "0")
        if token[1] == "9":
            digits = digits.rstrip("0")
        return token[0] + digits if digits else ""
    offset = when.utcoffset() or timedelta()
    if token.startswith("Z") and not offset:
        return "Z"
    minutes = abs(int(offset.total_seconds())) // 60
    sign = "-" if offset < timedelta() else "+"
    colon = ":" if ":" in token else ""
    short = token in ("Z07", "-07")
    return f"{sign}{minutes // 60:02d}" if short else f"{sign}{minutes // 60:02d}{colon}{minutes % 60:02d}"


def load_location(name: str) -> tzinfo:
    """A zone by its IANA name; empty and ``UTC`` are UTC. Raises `ValueError`."""
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f'unknown time zone "{name}"') from None
