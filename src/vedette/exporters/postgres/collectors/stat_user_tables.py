"""``pg_stat_user_tables_*``: scans, rows, vacuums and size by table of the connected database."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LABELS = ("datname", "schemaname", "relname")
# Column -> (type, help text). The last_* columns are times.
COLUMNS = {
    "seq_scan": ("counter", "Number of sequential scans initiated on this table"),
    "seq_tup_read": ("counter", "Number of live rows fetched by sequential scans"),
    "idx_scan": ("counter", "Number of index scans initiated on this table"),
    "idx_tup_fetch": ("counter", "Number of live rows fetched by index scans"),
    "n_tup_ins": ("counter", "Number of rows inserted"),
    "n_tup_upd": ("counter", "Number of rows updated"),
    "n_tup_del": ("counter", "Number of rows deleted"),
    "n_tup_hot_upd": (
        "counter",
        "Number of rows HOT updated (i.e., with no separate index update required)",
    ),
    "n_live_tup": ("gauge", "Estimated number of live rows"),
    "n_dead_tup": ("gauge", "Estimated number of dead rows"),
    "n_mod_since_analyze": (
        "gauge",
        "Estimated number of rows changed since last analyze",
    ),
    "last_vacuum": (
        "gauge",
        "Last time at which this table was manually vacuumed (not counting VACUUM FULL)",
    ),
    "last_autovacuum": (
        "gauge",
        "Last time at which this table was vacuumed by the autovacuum daemon",
    ),
    "last_analyze": ("gauge", "Last time at which this table was manually analyzed"),
    "last_autoanalyze": (
        "gauge",
        "Last time at which this table was analyzed by the autovacuum daemon",
    ),
    "vacuum_count": (
        "counter",
        "Number of times this table has been manually vacuumed (not counting VACUUM FULL)",
    ),
    "autovacuum_count": (
        "counter",
        "Number of times this table has been vacuumed by the autovacuum daemon",
    ),
    "analyze_count": ("counter", "Number of times this table has been manually analyzed"),
    "autoanalyze_count": (
        "counter",
        "Number of times this table has been analyzed by the autovacuum daemon",
    ),
}
FAMILIES = (
    *(Family(f"pg_stat_user_tables_{name}", kind, help, LABELS) for name, (kind, help) in COLUMNS.items()),
    Family(
        "pg_stat_user_tables_index_size_bytes",
        "gauge",
        "Total disk space used by this index, in bytes",
        LABELS,
    ),
    Family(
        "pg_stat_user_tables_table_size_bytes",
        "gauge",
        "Total disk space used by this table, in bytes",
        LABELS,
    ),
)
_SELECTED = ", ".join(f"EXTRACT(EPOCH FROM {name})" if name.startswith("last_") else name for name in COLUMNS)
SQL = f"""
    SELECT current_database(), schemaname, relname, {_SELECTED},
           pg_indexes_size(relid), pg_table_size(relid)
    FROM pg_stat_user_tables
"""

COLLECTOR = Collector("stat_user_tables", lambda server: SQL, columns(3, FAMILIES))
