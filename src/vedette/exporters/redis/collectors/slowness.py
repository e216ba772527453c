"""The slow log, Valkey's command log, and latency spikes by event."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.fields import plain
from vedette.exporters.redis.reply import Reply

LENGTH = Family("redis_slowlog_length", "gauge", "Total slowlog")
LAST_ID = Family("redis_slowlog_last_id", "gauge", "Last id of slowlog")
LAST_DURATION = Family(
    "redis_last_slow_execution_duration_seconds",
    "gauge",
    "The amount of time needed for last slow execution, in seconds",
)
SPIKE_LAST = Family(
    "redis_latency_spike_last",
    "gauge",
    "When the latency spike last occurred",
    ("event_name",),
)
SPIKE_DURATION = Family(
    "redis_latency_spike_duration_seconds",
    "gauge",
    "Length of the last latency spike in seconds",
    ("event_name",),
)
# Kind of COMMANDLOG -> metric.
COMMANDLOG = {
    "slow": plain("commandlog_slow_length"),
    "large-request": plain("commandlog_large_request_length"),
    "large-reply": plain("commandlog_large_reply_length"),
}


def describe(page: Page, reply: Reply) -> None:
    if reply.slowlog_length is not None:
        page.add(LENGTH, reply.slowlog_length)
    if reply.slowlog_last is not None:
        # An entry is [id, when, microseconds, ...].
        entry = reply.slowlog_last[0] if reply.slowlog_last else (0, 0, 0)
        page.add(LAST_ID, int(entry[0]))
        page.add(LAST_DURATION, int(entry[2]) / 1e6)
    for kind, length in reply.commandlog.items():
        page.add(COMMANDLOG[kind], length)
    for event, when, milliseconds, *_ in reply.latency_latest or ():
        page.add(SPIKE_LAST, int(when), str(event))
        page.add(SPIKE_DURATION, int(milliseconds) / 1000, str(event))
