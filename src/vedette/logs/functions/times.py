"""Times in `line_format` templates."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any

from vedette.model.golayout import load_zone, parse_time
from vedette.template.errors import FunctionError
from vedette.template.gotime import Time

ZERO_TIME_NS = -62135596800 * 10**9
# The unit of a number is told by how many digits it has.
_UNIT_BY_DIGITS = {5: 86400 * 10**9, 10: 10**9, 13: 10**6, 16: 10**3, 19: 1}


def now() -> Time:
    return Time(time.time_ns())


def date(layout: str, moment: Any) -> str:
    return moment.format(layout) if isinstance(moment, Time) else now().format(layout)


def to_date(layout: str, text: str) -> Time:
    """The time of a text; the zero time when it does not fit the layout."""
    try:
        return Time(parse_time(layout, text))
    except ValueError:
        return Time(ZERO_TIME_NS)


def to_date_in_zone(layout: str, zone: str, text: str) -> Time:
    """Like `to_date`, for a text without a zone of its own; an unknown zone is UTC."""
    try:
        place = load_zone(zone)
    except ValueError:
        place = UTC
    try:
        return Time(parse_time(layout, text, place), place)
    except ValueError:
        return Time(ZERO_TIME_NS)


def unix_epoch(moment: Time) -> str:
    return str(moment.unix())


def unix_epoch_millis(moment: Time) -> str:
    return str(moment.unix_milli())


def unix_epoch_nanos(moment: Time) -> str:
    return str(moment.unix_nano())


def unix_to_time(text: str) -> Time:
    unit = _UNIT_BY_DIGITS.get(len(text))
    if not text.lstrip("+-").isdigit():
        raise FunctionError(
            f"unable to parse time '{text}': strconv.ParseInt: parsing \"{text}\": invalid syntax"
        )
    if unit is None:
        raise FunctionError(f"unable to parse time '{text}': number of digits not supported")
    return Time(int(text) * unit)
