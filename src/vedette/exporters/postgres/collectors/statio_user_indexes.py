"""``pg_statio_user_indexes_*``: blocks read from disk and found in the cache, by index."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LABELS = ("schemaname", "relname", "indexrelname")
FAMILIES = (
    Family(
        "pg_statio_user_indexes_idx_blks_read_total",
        "counter",
        "Number of disk blocks read from this index",
        LABELS,
    ),
    Family(
        "pg_statio_user_indexes_idx_blks_hit_total",
        "counter",
        "Number of buffer hits in this index",
        LABELS,
    ),
)
SQL = "SELECT schemaname, relname, indexrelname, idx_blks_read, idx_blks_hit FROM pg_statio_user_indexes"

COLLECTOR = Collector("statio_user_indexes", lambda server: SQL, columns(3, FAMILIES), default=False)
