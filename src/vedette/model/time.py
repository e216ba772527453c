"""Durations and timestamps as Prometheus writes them. Milliseconds since the epoch are `int`."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

MILLISECOND = 1
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
YEAR = 365 * DAY

MIN_TIME = -(1 << 63)
MAX_TIME = (1 << 63) - 1

_UNITS = (
    ("y", YEAR),
    ("w", WEEK),
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", MILLISECOND),
)
_DURATION = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?\Z"
)
_COUNT_AND_UNIT = re.compile(r"([0-9]+)([^0-9]*)")
# Longer texts go the careful way.
_MOST_DIGITS = 100
_GO_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_GO_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_MAX_NANOSECONDS = (1 << 63) - 1


class DurationError(ValueError):
    """Text that is no duration. `str()` is the original's sentence."""


def parse_duration(text: str) -> int:
    """Milliseconds of a Prometheus duration such as ``1h30m`` or ``0``. Raises `DurationError`."""
    if text == "0":
        return 0
    if text == "":
        raise DurationError("empty duration string")
    found = _DURATION.match(text)
    if found is None or len(text) > _MOST_DIGITS:
        raise _no_duration(text)
    total = 0
    for count, (_, scale) in zip(found.groups(), _UNITS, strict=True):
        if count:
            total += int(count) * scale
    if total * 10**6 > _MAX_NANOSECONDS:
        raise _no_duration(text)
    return total


def _no_duration(text: str) -> DurationError:
    """What is wrong first with a duration, read from left to right."""
    scales, least, at, total = dict(_UNITS), -1, 0, 0
    while found := _COUNT_AND_UNIT.match(text, at):
        count, unit = found.groups()
        if unit == "" or len(count.lstrip("0")) > 20 or int(count.lstrip("0") or "0") >= 1 << 64:
            break
        if unit not in scales:
            return DurationError(f'unknown unit "{unit}" in duration "{text}"')
        place = list(scales).index(unit)
        if place <= least:
            break
        least, at = place, found.end()
        total += int(count) * scales[unit] * 10**6
        if total > _MAX_NANOSECONDS:
            return DurationError("duration out of range")
    return DurationError(f'not a valid duration string: "{text}"')


def format_duration(ms: int) -> str:
    """A duration as Prometheus prints it: ``1h30m``, ``15s``, ``0s``; weeks and years only when exact."""
    if ms == 0:
        return "0s"
    sign, rest = ("-", -ms) if ms < 0 else ("", ms)
    out = [sign]
    for unit, scale in _UNITS:
        if unit in ("y", "w") and rest % scale:
            continue
        if rest >= scale:
            out.append(f"{rest // scale}{unit}")
            rest %= scale
    return "".join(out)


def parse_go_duration(text: str) -> int:
    """Nanoseconds of a Go duration such as ``1.5h`` or ``-2m30s`` (`time.ParseDuration`). Raises `DurationError`."""
    sign, body = 1, text
    if body[:1] in ("+", "-"):
        sign, body = (-1 if body[0] == "-" else 1), body[1:]
    if body == "0":
        return 0
    total, at = 0.0, 0
    whole = 0
    while at < len(body):
        found = _GO_DURATION.match(body, at)
        if found is None:
            break
        number, scale = found[1], _GO_UNITS[found[2]]
        if "." in number:
            total += float(number) * scale
        else:
            whole += int(number) * scale
        at = found.end()
    if at == 0 or at < len(body):
        raise DurationError(f'time: invalid duration "{text}"')
    return sign * (whole + round(total))


def format_go_duration(ns: int) -> str:
    """A duration as Go prints it: ``1h0m0s``, ``1.5s``, ``250ms``."""
    if ns == 0:
        return "0s"
    sign, rest = ("-", -ns) if ns < 0 else ("", ns)
    if rest < 10**9:
        for unit, scale in (("ms", 10**6), ("µs", 10**3), ("ns", 1)):
            if rest >= scale:
                return f"{sign}{_trim(rest, scale)}{unit}"
    hours, rest = divmod(rest, 3600 * 10**9)
    minutes, rest = divmod(rest, 60 * 10**9)
    out = f"{_trim(rest, 10**9)}s"
    if hours or minutes:
        out = f"{minutes}m{out}"
    if hours:
        out = f"{hours}h{out}"
    return sign + out


def _trim(amount: int, scale: int) -> str:
    whole, part = divmod(amount, scale)
    if not part:
        return str(whole)
    return f"{whole}.{str(part).zfill(len(str(scale)) - 1).rstrip('0')}"


_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):(\d\d))\Z"
)


def parse_rfc3339(text: str) -> int:
    """Nanoseconds since the epoch of an RFC 3339 time. Raises `ValueError`."""
    found = _RFC3339.match(text)
    if found is None:
        raise ValueError(f"cannot parse {text!r} as a time")
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    seconds = int(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp())
    seconds += max(0, second - 59)
    if found[9]:
        offset = int(found[10]) * 3600 + int(found[11]) * 60
        seconds -= offset if found[9] == "+" else -offset
    return seconds * 10**9 + int((found[7] or "").ljust(9, "0"))


def format_rfc3339(ns: int, *, digits: int | None = None) -> str:
    """An RFC 3339 time in UTC; as many decimals as needed (Go's RFC3339Nano), or exactly `digits`."""
    seconds, part = divmod(ns, 10**9)
    # Not strftime, which writes the year 1 of Go's zero time without its zeros.
    base = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
    fraction = str(part).zfill(9)
    fraction = fraction.rstrip("0") if digits is None else fraction[:digits]
    return f"{base}{'.' if fraction else ''}{fraction}Z"


def parse_api_time(text: str) -> int:
    """Milliseconds of an API time parameter: Unix seconds (may be fractional) or RFC 3339. Raises `ValueError`."""
    try:
        seconds = float(text)
    except ValueError:
        if text == "-292273086-05-16T16:47:06Z":
            return MIN_TIME // 10**6
        return parse_rfc3339(text) // 10**6
    if not math.isfinite(seconds):
        raise ValueError(f'cannot parse "{text}" to a valid timestamp')
    fraction, whole = math.modf(seconds)
    return int(whole) * 1000 + round(fraction * 1000)


def parse_api_duration(text: str) -> int:
    """Milliseconds of an API duration parameter: seconds or ``5m``. Raises `ValueError`."""
    try:
        seconds = float(text)
    except ValueError:
        return parse_duration(text)
    if not math.isfinite(seconds) or abs(seconds) * 1000 > MAX_TIME // 10**6:
        raise ValueError(f'cannot parse "{text}" to a valid duration. It overflows int64')
    return round(seconds * 1000)
