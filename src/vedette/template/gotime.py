"""Go's time.Time and time.Duration as templates know them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import ClassVar

from vedette.model.golayout import MONTHS, format_time, load_zone, moment, zone_name
from vedette.model.time import format_go_duration
from vedette.template.errors import FunctionError
from vedette.template.values import Struct

ZERO_TIME_NS = -62135596800 * 10**9  # 0001-01-01T00:00:00Z, Go's "no time"
_STRING_LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST"


class Duration(int):
    """A time.Duration: nanoseconds."""

    go_type: ClassVar[str] = "time.Duration"
    go_methods: ClassVar[dict[str, str]] = {
        "String": "text",
        "Seconds": "seconds",
        "Minutes": "minutes",
        "Hours": "hours",
        "Milliseconds": "milliseconds",
        "Microseconds": "microseconds",
        "Nanoseconds": "nanoseconds",
        "Round": "round_to",
        "Truncate": "truncate_to",
        "Abs": "absolute",
    }

    def text(self) -> str:
        return format_go_duration(int(self))

    def seconds(self) -> float:
        return int(self) / 1e9

    def minutes(self) -> float:
        return int(self) / 6e10

    def hours(self) -> float:
        return int(self) / 3.6e12

    def milliseconds(self) -> int:
        return int(int(self) / 10**6)

    def microseconds(self) -> int:
        return int(int(self) / 10**3)

    def nanoseconds(self) -> int:
        return int(self)

    def truncate_to(self, unit: int) -> Duration:
        if unit <= 0:
            return self
        whole = abs(int(self)) // unit * unit
        return Duration(whole if self >= 0 else -whole)

    def round_to(self, unit: int) -> Duration:
        if unit <= 0:
            return self
        whole = (abs(int(self)) + unit // 2) // unit * unit
        return Duration(whole if self >= 0 else -whole)

    def absolute(self) -> Duration:
        return Duration(abs(int(self)))


class Month(int):
    go_type: ClassVar[str] = "time.Month"
    go_methods: ClassVar[dict[str, str]] = {"String": "text"}

    def text(self) -> str:
        return MONTHS[int(self) - 1]


class Weekday(int):
    """Sunday is 0."""

    go_type: ClassVar[str] = "time.Weekday"
    go_methods: ClassVar[dict[str, str]] = {"String": "text"}

    def text(self) -> str:
        return ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")[int(self)]


class Time(Struct):
    """A time.Time: `ns` nanoseconds since the epoch, shown in `zone`."""

    __slots__ = ("ns", "zone")

    go_type: ClassVar[str] = "time.Time"
    go_methods: ClassVar[dict[str, str]] = {
        "String": "text",
        "Format": "format",
        "Unix": "unix",
        "UnixMilli": "unix_milli",
        "UnixMicro": "unix_micro",
        "UnixNano": "unix_nano",
        "UTC": "utc",
        "Local": "local",
        "Year": "year",
        "Month": "month",
        "Day": "day",
        "Hour": "hour",
        "Minute": "minute",
        "Second": "second",
        "Nanosecond": "nanosecond",
        "Weekday": "weekday",
        "YearDay": "year_day",
        "Add": "add",
        "AddDate": "add_date",
        "Sub": "sub",
        "Before": "before",
        "After": "after",
        "Equal": "equal",
        "Compare": "compare",
        "IsZero": "is_zero",
        "Truncate": "truncate",
        "Round": "round_to",
        "Zone": "zone_name",
    }

    def __init__(self, ns: int, zone: tzinfo = UTC) -> None:
        self.ns = ns
        self.zone = zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and (self.ns, self.zone) == (other.ns, other.zone)

    def __hash__(self) -> int:
        return hash((self.ns, self.zone))

    def _moment(self) -> datetime:
        return moment(self.ns, self.zone)

    def _at(self, ns: int) -> Time:
        return Time(ns, self.zone)

    def text(self) -> str:
        return format_time(self.ns, _STRING_LAYOUT, self.zone)

    def format(self, layout: str) -> str:
        return format_time(self.ns, layout, self.zone)

    def unix(self) -> int:
        return self.ns // 10**9

    def unix_milli(self) -> int:
        return self.ns // 10**6

    def unix_micro(self) -> int:
        return self.ns // 10**3

    def unix_nano(self) -> int:
        return self.ns

    def utc(self) -> Time:
        return Time(self.ns)

    def local(self) -> Time:
        return Time(self.ns, load_zone("Local"))

    def in_zone(self, zone: tzinfo) -> Time:
        return Time(self.ns, zone)

    def year(self) -> int:
        return self._moment().year

    def month(self) -> Month:
        return Month(self._moment().month)

    def day(self) -> int:
        return self._moment().day

    def hour(self) -> int:
        return self._moment().hour

    def minute(self) -> int:
        return self._moment().minute

    def second(self) -> int:
        return self._moment().second

    def nanosecond(self) -> int:
        return self.ns % 10**9

    def weekday(self) -> Weekday:
        return Weekday(self._moment().isoweekday() % 7)

    def year_day(self) -> int:
        return self._moment().timetuple().tm_yday

    def zone_name(self) -> str:
        return zone_name(self._moment())

    def add(self, duration: int) -> Time:
        return self._at(self.ns + duration)

    def add_date(self, years: int, months: int, days: int) -> Time:
        """As Go: an overflowing day runs into the next month."""
        now = self._moment()
        count = now.year * 12 + now.month - 1 + years * 12 + months
        try:
            first = now.replace(year=count // 12, month=count % 12 + 1, day=1)
            moved = first + timedelta(days=now.day - 1 + days)
        except (ValueError, OverflowError):
            raise FunctionError("time out of range") from None
        seconds = (moved.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        return self._at(seconds * 10**9 + self.ns % 10**9)

    def sub(self, other: Time) -> Duration:
        return Duration(self.ns - other.ns)

    def before(self, other: Time) -> bool:
        return self.ns < other.ns

    def after(self, other: Time) -> bool:
        return self.ns > other.ns

    def equal(self, other: Time) -> bool:
        return self.ns == other.ns

    def compare(self, other: Time) -> int:
        return (self.ns > other.ns) - (self.ns < other.ns)

    def is_zero(self) -> bool:
        return self.ns == ZERO_TIME_NS

    def truncate(self, unit: int) -> Time:
        return self if unit <= 0 else self._at(self.ns - (self.ns - ZERO_TIME_NS) % unit)

    def round_to(self, unit: int) -> Time:
        if unit <= 0:
            return self
        past = (self.ns - ZERO_TIME_NS) % unit
        return self._at(self.ns - past + (unit if past + past >= unit else 0))
