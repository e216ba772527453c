"""``pg_stat_database_*``: transactions, rows, blocks, temporary files and conflicts by database."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, Server, columns

LABELS = ("datid", "datname")
TEMPORARY = (
    "All temporary files are counted, regardless of why the temporary file was created{}, "
    "and regardless of the log_temp_files setting."
)
# Column -> help text. All of them exist since PostgreSQL 13.
COUNTERS = {
    "xact_commit": "Number of transactions in this database that have been committed",
    "xact_rollback": "Number of transactions in this database that have been rolled back",
    "blks_read": "Number of disk blocks read in this database",
    "blks_hit": "Number of times disk blocks were found already in the buffer cache, so that a read was not "
    "necessary (this only includes hits in the PostgreSQL buffer cache, not the operating system's file "
    "system cache)",
    "tup_returned": "Number of rows returned by queries in this database",
    "tup_fetched": "Number of rows fetched by queries in this database",
    "tup_inserted": "Number of rows inserted by queries in this database",
    "tup_updated": "Number of rows updated by queries in this database",
    "tup_deleted": "Number of rows deleted by queries in this database",
    "conflicts": "Number of queries canceled due to conflicts with recovery in this database. (Conflicts "
    "occur only on standby servers; see pg_stat_database_conflicts for details.)",
    "temp_files": "Number of temporary files created by queries in this database. "
    + TEMPORARY.format(" (e.g., sorting or hashing)"),
    "temp_bytes": "Total amount of data written to temporary files by queries in this database. "
    + TEMPORARY.format(""),
    "deadlocks": "Number of deadlocks detected in this database",
    "blk_read_time": "Time spent reading data file blocks by backends in this database, in milliseconds",
    "blk_write_time": "Time spent writing data file blocks by backends in this database, in milliseconds",
}
BACKENDS = Family(
    "pg_stat_database_numbackends",
    "gauge",
    "Number of backends currently connected to this database. This is the only column in this view that "
    "returns a value reflecting current state; all other columns return the accumulated values since the "
    "last reset.",
    LABELS,
)
RESET = Family(
    "pg_stat_database_stats_reset", "counter", "Time at which these statistics were last reset", LABELS
)
ACTIVE = Family(
    "pg_stat_database_active_time_seconds_total",
    "counter",
    "Time spent executing SQL statements in this database, in seconds",
    LABELS,
)
FAMILIES = (
    BACKENDS,
    *(Family(f"pg_stat_database_{name}", "counter", help, LABELS) for name, help in COUNTERS.items()),
    RESET,
    ACTIVE,
)


def sql(server: Server) -> str:
    active = "active_time / 1000" if server.major >= 14 else "0"
    return f"""
        SELECT datid, datname, numbackends, {", ".join(COUNTERS)}, EXTRACT(EPOCH FROM stats_reset), {active}
        FROM pg_stat_database
        WHERE datname IS NOT NULL
    """


COLLECTOR = Collector("stat_database", sql, columns(2, FAMILIES))
