"""By command: calls, time, failures, latency percentiles and the latency histogram. And errors by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.reply import Reply, parse_pairs, to_number

CALLS = Family("redis_commands_total", "counter", "Total number of calls per command", ("cmd",))
SECONDS = Family(
    "redis_commands_duration_seconds_total",
    "counter",
    "Total amount of time in seconds spent per command",
    ("cmd",),
)
REJECTED = Family(
    "redis_commands_rejected_calls_total",
    "counter",
    "Total number of errors within command execution per command",
    ("cmd",),
)
FAILED = Family(
    "redis_commands_failed_calls_total",
    "counter",
    "Total number of errors prior command execution per command",
    ("cmd",),
)
HISTOGRAM = Family(
    "redis_commands_latencies_usec", "histogram", "A histogram of latencies per command", ("cmd",)
)
PERCENTILES = Family(
    "redis_latency_percentiles_usec",
    "summary",
    "A summary of latency percentile distribution per command",
    ("cmd",),
)
ERRORS = Family("redis_errors_total", "counter", "Total number of errors per error type", ("err",))

COMMAND, PERCENTILE, ERROR = "cmdstat_", "latency_percentiles_usec_", "errorstat_"


def describe(page: Page, reply: Reply) -> None:
    calls_and_usec: dict[str, tuple[int, float]] = {}
    for name, text in reply.info.items():
        if name.startswith(COMMAND):
            command = name.removeprefix(COMMAND)
            calls_and_usec[command] = _describe_command(page, command, parse_pairs(text))
        elif name.startswith(ERROR):
            page.add(ERRORS, to_number(parse_pairs(text).get("count")) or 0, name.removeprefix(ERROR))
    for name, text in reply.info.items():
        if name.startswith(PERCENTILE):
            command = name.removeprefix(PERCENTILE)
            _describe_percentiles(page, command, parse_pairs(text), *calls_and_usec.get(command, (0, 0)))
    for command, count, bounds, below in parse_histograms(reply.latency_histogram or ()):
        page.histogram(HISTOGRAM, bounds, below, count, calls_and_usec.get(command, (0, 0))[1], command)


def _describe_command(page: Page, command: str, pairs: dict[str, str]) -> tuple[int, float]:
    calls, usec = to_number(pairs.get("calls")) or 0, to_number(pairs.get("usec")) or 0
    page.add(CALLS, calls, command)
    page.add(SECONDS, usec / 1e6, command)
    for key, family in (("rejected_calls", REJECTED), ("failed_calls", FAILED)):
        value = to_number(pairs.get(key))
        if value is not None:
            page.add(family, value, command)
    return int(calls), usec


def _describe_percentiles(page: Page, command: str, pairs: dict[str, str], calls: int, usec: float) -> None:
    quantiles = {
        key.removeprefix("p"): value for key, text in pairs.items() if (value := to_number(text)) is not None
    }
    page.summary(PERCENTILES, quantiles, calls, usec, command)


def parse_histograms(reply: Sequence[Any]) -> list[tuple[str, int, list[int], list[int]]]:
    """LATENCY HISTOGRAM as (command, calls, upper bounds in microseconds, cumulative counts)."""
    histograms: list[tuple[str, int, list[int], list[int]]] = []
    for command, details in zip(reply[::2], reply[1::2], strict=False):
        fields = dict(zip(details[::2], details[1::2], strict=False))
        steps = fields.get("histogram_usec") or ()
        histograms.append(
            (
                str(command),
                int(fields.get("calls", 0)),
                list(map(int, steps[::2])),
                list(map(int, steps[1::2])),
            )
        )
    return histograms
