"""``pg_stat_bgwriter_*``. PostgreSQL 17 moved what concerns checkpoints to `pg_stat_checkpointer`."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server

TIME = "Total amount of time that has been spent in the portion of checkpoint processing where files are {} to disk, in milliseconds"
# Metric name after pg_stat_bgwriter_ -> (column, help text).
ALWAYS = {
    "buffers_clean_total": ("buffers_clean", "Number of buffers written by the background writer"),
    "maxwritten_clean_total": (
        "maxwritten_clean",
        "Number of times the background writer stopped a cleaning scan because it had written too many buffers",
    ),
    "buffers_alloc_total": ("buffers_alloc", "Number of buffers allocated"),
    "stats_reset_total": (
        "EXTRACT(EPOCH FROM stats_reset)",
        "Time at which these statistics were last reset",
    ),
}
BEFORE_17 = {
    "checkpoints_timed_total": (
        "checkpoints_timed",
        "Number of scheduled checkpoints that have been performed",
    ),
    "checkpoints_req_total": ("checkpoints_req", "Number of requested checkpoints that have been performed"),
    "checkpoint_write_time_total": ("checkpoint_write_time", TIME.format("written")),
    "checkpoint_sync_time_total": ("checkpoint_sync_time", TIME.format("synchronized")),
    "buffers_checkpoint_total": ("buffers_checkpoint", "Number of buffers written during checkpoints"),
    "buffers_backend_total": ("buffers_backend", "Number of buffers written directly by a backend"),
    "buffers_backend_fsync_total": (
        "buffers_backend_fsync",
        "Number of times a backend had to execute its own fsync call (normally the background writer handles "
        "those even when the backend does its own write)",
    ),
}
FAMILIES = {
    name: Family(f"pg_stat_bgwriter_{name}", "counter", help)
    for name, (_, help) in {**ALWAYS, **BEFORE_17}.items()
}


def _columns(server: Server) -> dict[str, tuple[str, str]]:
    return ALWAYS if server.major >= 17 else {**ALWAYS, **BEFORE_17}


def sql(server: Server) -> str:
    return f"SELECT {', '.join(column for column, _ in _columns(server).values())} FROM pg_stat_bgwriter"


def describe(page: Page, rows: Rows, server: Server) -> None:
    for row in rows:
        for name, value in zip(_columns(server), row, strict=True):
            page.add(FAMILIES[name], value or 0)


COLLECTOR = Collector("stat_bgwriter", sql, describe)
