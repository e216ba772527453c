"""``pg_stat_checkpointer_*``: checkpoints and restart points, since PostgreSQL 17."""

from __future__ import annotations

from vedette.exporters.collector import NoData
from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, Server, columns

COLUMNS = {
    "num_timed": "Number of scheduled checkpoints due to timeout",
    "num_requested": "Number of requested checkpoints that have been performed",
    "restartpoints_timed": "Number of scheduled restartpoints due to timeout or after a failed attempt to perform it",
    "restartpoints_req": "Number of requested restartpoints",
    "restartpoints_done": "Number of restartpoints that have been performed",
    "write_time": "Total amount of time that has been spent in the portion of processing checkpoints and "
    "restartpoints where files are written to disk, in milliseconds",
    "sync_time": "Total amount of time that has been spent in the portion of processing checkpoints and "
    "restartpoints where files are synchronized to disk, in milliseconds",
    "buffers_written": "Number of buffers written during checkpoints and restartpoints",
}
FAMILIES = (
    *(Family(f"pg_stat_checkpointer_{name}_total", "counter", help) for name, help in COLUMNS.items()),
    Family(
        "pg_stat_checkpointer_stats_reset_total", "counter", "Time at which these statistics were last reset"
    ),
)


def sql(server: Server) -> str:
    if server.major < 17:
        raise NoData("pg_stat_checkpointer came with PostgreSQL 17")
    return f"SELECT {', '.join(COLUMNS)}, EXTRACT(EPOCH FROM stats_reset) FROM pg_stat_checkpointer"


COLLECTOR = Collector("stat_checkpointer", sql, columns(0, FAMILIES))
