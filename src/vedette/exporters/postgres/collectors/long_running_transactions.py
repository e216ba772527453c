"""``pg_long_running_transactions``: client transactions open for more than a minute, and since when the oldest is."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

COUNT = Family("pg_long_running_transactions", "gauge", "Current number of long running transactions")
OLDEST = Family(
    "pg_long_running_transactions_oldest_timestamp_seconds",
    "gauge",
    "The current maximum transaction age in seconds",
)
SQL = """
    SELECT count(*), COALESCE(max(EXTRACT(EPOCH FROM clock_timestamp() - xact_start)), 0)
    FROM pg_stat_activity
    WHERE state IS DISTINCT FROM 'idle' AND backend_type = 'client backend'
      AND xact_start < now() - interval '1 minute' AND pid <> pg_backend_pid()
"""

COLLECTOR = Collector(
    "long_running_transactions", lambda server: SQL, columns(0, (COUNT, OLDEST)), default=False
)
