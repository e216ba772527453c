"""``pg_statio_user_tables_*``: blocks read from disk and found in the cache, by table."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LABELS = ("datname", "schemaname", "relname")
# Column -> (metric name's end, help text).
COLUMNS = {
    "heap_blks_read": ("heap_blocks_read", "Number of disk blocks read from this table"),
    "heap_blks_hit": ("heap_blocks_hit", "Number of buffer hits in this table"),
    "idx_blks_read": ("idx_blocks_read", "Number of disk blocks read from all indexes on this table"),
    "idx_blks_hit": ("idx_blocks_hit", "Number of buffer hits in all indexes on this table"),
    "toast_blks_read": (
        "toast_blocks_read",
        "Number of disk blocks read from this table's TOAST table (if any)",
    ),
    "toast_blks_hit": ("toast_blocks_hit", "Number of buffer hits in this table's TOAST table (if any)"),
    "tidx_blks_read": (
        "tidx_blocks_read",
        "Number of disk blocks read from this table's TOAST table indexes (if any)",
    ),
    "tidx_blks_hit": (
        "tidx_blocks_hit",
        "Number of buffer hits in this table's TOAST table indexes (if any)",
    ),
}
FAMILIES = tuple(
    Family(f"pg_statio_user_tables_{name}", "counter", help, LABELS) for name, help in COLUMNS.values()
)
SQL = f"SELECT current_database(), schemaname, relname, {', '.join(COLUMNS)} FROM pg_statio_user_tables"

COLLECTOR = Collector("statio_user_tables", lambda server: SQL, columns(3, FAMILIES))
