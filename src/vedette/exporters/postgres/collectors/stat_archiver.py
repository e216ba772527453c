"""``pg_stat_archiver_*``: write-ahead log files archived, and attempts that failed."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server

ARCHIVED = Family(
    "pg_stat_archiver_archived_count",
    "counter",
    "Number of WAL files that have been successfully archived",
)
FAILED = Family(
    "pg_stat_archiver_failed_count", "counter", "Number of failed attempts for archiving WAL files"
)
AGE = Family(
    "pg_stat_archiver_last_archive_age",
    "gauge",
    "Time in seconds since last WAL segment was successfully archived",
)
SQL = """
    SELECT archived_count, failed_count, EXTRACT(EPOCH FROM now() - last_archived_time)
    FROM pg_stat_archiver
"""


def describe(page: Page, rows: Rows, server: Server) -> None:
    for archived, failed, age in rows:
        page.add(ARCHIVED, archived)
        page.add(FAILED, failed)
        if age is not None:  # nothing was ever archived
            page.add(AGE, age)


COLLECTOR = Collector("stat_archiver", lambda server: SQL, describe)
