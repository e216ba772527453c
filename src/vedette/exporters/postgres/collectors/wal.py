"""``pg_wal_*``: segments of the write-ahead log on disk. Needs `pg_monitor`."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

SEGMENTS = Family("pg_wal_segments", "gauge", "Number of WAL segments")
SIZE = Family("pg_wal_size_bytes", "gauge", "Total size of WAL segments")

COLLECTOR = Collector(
    "wal",
    lambda server: "SELECT count(*), sum(size) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'",
    columns(0, (SEGMENTS, SIZE)),
)
