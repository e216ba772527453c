"""What ``/api/v1/query`` and ``/api/v1/query_range`` are asked."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from vedette.metrics.api.params import Params, bad_data, invalid
from vedette.metrics.queries.asked import Asked

MOST_POINTS = 11_000


@dataclass(frozen=True, slots=True)
class QueryCall:
    """The parameters of one request; times in milliseconds. Making one raises `ApiError`."""

    text: str
    start: int
    end: int
    step: int  # 0: an instant query
    limit: int  # of series; 0: none
    lookback: int | None
    timeout: int | None
    stats: str  # empty: none
    trace: bool
    explain: bool
    gzip: bool

    @property
    def asked(self) -> Asked:
        return Asked(self.text, self.start, self.end, self.step)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked for but the answer, in any usual time."""
        return not self.explain and (self.timeout is None or self.timeout >= 1000)

    @property
    def kind(self) -> Hashable:
        """Equal for calls that cost about the same: one text, over about as many steps."""
        steps = (self.end - self.start) // self.step if self.step else -1
        return self.text, steps.bit_length()


def instant_call(params: Params, now: int, *, gzip: bool) -> QueryCall:
    at = params.time("time", now)
    return _call(params, at, at, 0, gzip)


def range_call(params: Params, *, gzip: bool) -> QueryCall:
    return _call(params, *query_range(params), gzip)


def _call(params: Params, start: int, end: int, step: int, gzip: bool) -> QueryCall:
    return QueryCall(
        params.get("query"),
        start,
        end,
        step,
        params.limit(),
        _lookback(params),
        params.duration("timeout"),
        params.get("stats"),
        params.flag("trace"),
        params.flag("explain"),
        gzip,
    )


def query_range(params: Params) -> tuple[int, int, int]:
    """Start, end and step in milliseconds. Raises `ApiError` for a range that makes no sense or is too fine."""
    start, end = params.required_time("start"), params.required_time("end")
    if end < start:
        raise invalid("end", "end timestamp must not be before start time")
    step = params.required_duration("step")
    if step <= 0:
        raise invalid(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        )
    if (end - start) // step > MOST_POINTS:
        raise bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    return start, end, step


def _lookback(params: Params) -> int | None:
    text = params.get("lookback_delta")
    if not text:
        return None
    try:
        found = params.duration("lookback_delta")
    except Exception as error:
        raise bad_data(f"error parsing lookback delta duration: {error}") from None
    return found or None
