"""Times and steps as they are typed: Unix seconds, RFC 3339, or relative to now."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vedette.metrics.terminal.failures import WrongArgument
from vedette.model.time import parse_api_duration, parse_api_time, parse_duration

DEFAULT_RANGE_MS = 5 * 60_000
# As many points as a range query has when no step is given.
DEFAULT_POINTS = 250
# "From the beginning" and "to the end", where a selector of series names no time.
FOREVER_MS = 9999 * 3_600_000
_RELATIVE = re.compile(r"(?:now)?([+-])(.+)\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds; `step` is 0 where there is none."""

    start: int
    end: int
    step: int = 0


def when(text: str, now: int, what: str) -> int:
    """Milliseconds of ``1700000000``, ``2026-01-31T12:00:00Z``, ``now``, ``now-1h`` or ``-1h``. Raises `WrongArgument`."""
    if text in ("", "now"):
        return now
    found = _RELATIVE.match(text)
    try:
        if found is not None and not found[2].replace(".", "").isdigit():
            distance = parse_duration(found[2])
            return now - distance if found[1] == "-" else now + distance
        return parse_api_time(text)
    except (ValueError, OverflowError):
        raise WrongArgument(
            f'error parsing {what} time: cannot parse "{text}" to a valid timestamp; '
            "write Unix seconds, 2026-01-31T12:00:00Z or now-1h"
        ) from None


def query_span(start: str, end: str, step: str, now: int) -> Span:
    """The steps of a range query: the last five minutes in some 250 points where nothing else is said."""
    # Whole seconds: a range that ends now need not end within one.
    now -= now % 1000
    last = when(end, now, "end")
    first = when(start, now, "start") if start else last - DEFAULT_RANGE_MS
    if first >= last:
        raise WrongArgument("start time is not before end time")
    return Span(first, last, _step(step, last - first))


def _step(text: str, length: int) -> int:
    if not text:
        return max(1, math.floor(length / 1000 / DEFAULT_POINTS)) * 1000
    try:
        step = parse_api_duration(text)
    except (ValueError, OverflowError):
        raise WrongArgument(f'the step "{text}" is no duration; write 15s or 1m') from None
    if step <= 0:
        raise WrongArgument("the step must be longer than nothing")
    return step


def series_span(start: str, end: str, now: int) -> Span:
    """When series must have had samples; without bounds always."""
    return Span(
        when(start, now, "start") if start else now - FOREVER_MS,
        when(end, now, "end") if end else now + FOREVER_MS,
    )


def api_time(ms: int) -> str:
    """Seconds, as the API takes them."""
    whole, part = divmod(ms, 1000)
    return f"{whole}.{part:03d}" if part else str(whole)
