"""Parameters of requests, with the original's defaults and sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from vedette.logs.limits import QueryLimits
from vedette.model.time import DurationError, format_duration, parse_duration, parse_rfc3339
from vedette.web.errors import ApiError

SECOND = 10**9
_DEFAULT_SINCE = 3600 * SECOND
_DECIMAL = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\Z|[+-]?\.\d+\Z")


class Parameters:
    """The parameters of one request: of its address, and of its form when it is a POST."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            self._all.setdefault(name, []).append(value)

    @classmethod
    async def of(cls, request: Request) -> Parameters:
        pairs = list(request.query_params.multi_items())
        if request.method == "POST" and "form" in request.headers.get("content-type", "form"):
            body = await request.body()
            pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) + pairs
        return cls(pairs)

    def get(self, name: str) -> str:
        return self._all.get(name, [""])[0]

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self._all.get(name, [])]

    def time(self, name: str, default: int) -> int:
        """Nanoseconds; integers of at most ten digits are seconds. Raises `ApiError`."""
        text = self.get(name)
        if not text:
            return default
        try:
            return parse_time(text)
        except ValueError as error:
            raise bad_request(f"could not parse '{name}' parameter: {error}") from None

    def duration(self, name: str) -> int | None:
        """Nanoseconds of seconds or of a duration; None when absent. Raises `ApiError`."""
        text = self.get(name)
        if not text:
            return None
        try:
            return round(float(text) * SECOND) if _DECIMAL.match(text) else parse_duration(text) * 10**6
        except (DurationError, ValueError, OverflowError):
            raise bad_request(f'cannot parse "{text}" to a valid duration') from None

    def limit(self, default: int = 100) -> int:
        text = self.get("limit")
        if not text:
            return default
        if not re.fullmatch(r"[+-]?\d+", text):
            raise bad_request(f'strconv.Atoi: parsing "{text}": invalid syntax')
        value = int(text)
        if value <= 0:
            raise bad_request("limit must be a positive value")
        return value

    def backward(self) -> bool:
        text = self.get("direction").upper()
        if text not in ("", "BACKWARD", "FORWARD"):
            raise bad_request(f"invalid direction '{self.get('direction')}'")
        return text != "FORWARD"

    def bounds(self, now: int) -> tuple[int, int]:
        """Start and end; start is `since` before the end when it is not given."""
        end = self.time("end", now)
        since = _DEFAULT_SINCE
        if self.get("since"):
            try:
                since = parse_duration(self.get("since")) * 10**6
            except DurationError as error:
                raise bad_request(f"could not parse 'since' parameter: {error}") from None
        return self.time("start", min(end, now) - since), end


@dataclass(frozen=True, slots=True)
class RangeParameters:
    query: str
    start: int
    end: int
    step: int
    interval: int
    limit: int
    backward: bool


def range_parameters(parameters: Parameters, now: int) -> RangeParameters:
    """Raises `ApiError`."""
    start, end = parameters.bounds(now)
    if end < start:
        raise bad_request("end timestamp must not be before or equal to start time")
    step = parameters.duration("step")
    if step is None:
        step = max((end - start) // (250 * SECOND), 1) * SECOND
    if step <= 0:
        raise bad_request(
            "zero or negative query resolution step widths are not accepted. Try a positive integer"
        )
    interval = parameters.duration("interval") or 0
    if interval < 0:
        raise bad_request("interval must be >= 0")
    return RangeParameters(
        parameters.get("query"), start, end, step, interval, parameters.limit(), parameters.backward()
    )


def parse_time(text: str) -> int:
    """Nanoseconds of RFC 3339, of an integer, or of decimal seconds. Raises `ValueError` with the original's sentence."""
    if re.fullmatch(r"[+-]?\d+", text):
        value = int(text)
        if abs(value) >= 1 << 63:
            raise ValueError(f'strconv.ParseInt: parsing "{text}": value out of range')
        return value * SECOND if len(text) <= 10 else value
    if "." in text and _DECIMAL.match(text):
        whole, _, fraction = text.partition(".")
        if fraction.isdigit() and whole.lstrip("+-").isdigit():
            sign = -1 if whole.startswith("-") else 1
            return int(whole) * SECOND + sign * int(fraction[:9].ljust(9, "0"))
        return round(float(text) * SECOND)
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def bad_request(message: str) -> ApiError:
    return ApiError(400, "bad_data", message)


def check_length(start: int, end: int, limits: QueryLimits) -> None:
    """Raises `ApiError` when the time asked for is longer than allowed."""
    if limits.max_length_ns and end - start > limits.max_length_ns:
        raise bad_request(
            f"the query time range exceeds the limit (query length: {_hours(end - start)}, "
            f"limit: {_days(limits.max_length_ns)})"
        )


def _hours(ns: int) -> str:
    seconds = ns // SECOND
    return f"{seconds // 3600}h{seconds % 3600 // 60}m{seconds % 60}s"


def _days(ns: int) -> str:
    return format_duration(ns // 10**6)
