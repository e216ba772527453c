"""``time_intervals``: named times of the week, the month and the year."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import Part
from vedette.alerts.timeinterval import IntervalError, TimeInterval, parse_spec


class TimesSettings(Part):
    start_time: str = ""
    end_time: str = ""


class SpecSettings(Part):
    times: list[TimesSettings] = Field(default_factory=list)
    weekdays: list[str] = Field(default_factory=list)
    days_of_month: list[str] = Field(default_factory=list)
    months: list[str] = Field(default_factory=list)
    years: list[str] = Field(default_factory=list)
    location: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            self.interval()
        except IntervalError as error:
            raise ValueError(str(error)) from None
        return self

    def interval(self) -> TimeInterval:
        return parse_spec(
            times=[(t.start_time, t.end_time) for t in self.times],
            weekdays=self.weekdays,
            days_of_month=self.days_of_month,
            months=self.months,
            years=self.years,
            location=self.location,
        )


class NamedIntervalSettings(Part):
    name: str
    time_intervals: list[SpecSettings] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, read: Any) -> Any:
        if isinstance(read, dict) and not read.get("name"):
            raise ValueError("missing name in time interval; add one")
        return read
