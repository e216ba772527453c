"""``pg_stat_replication_*``: every replica that reads from this server, and how many bytes it lacks."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LABELS = ("application_name", "client_addr", "state", "slot_name", "pid")
CURRENT = Family("pg_stat_replication_pg_current_wal_lsn_bytes", "gauge", "WAL position in bytes", LABELS)
DIFF = Family(
    "pg_stat_replication_pg_wal_lsn_diff",
    "gauge",
    "Lag in bytes between master and slave",
    LABELS,
)
SQL = """
    SELECT application_name, host(client_addr), state, slot_name, pid::text,
           pg_wal_lsn_diff(wal.here, '0/0'), pg_wal_lsn_diff(wal.here, replay_lsn)
    FROM pg_stat_replication
    LEFT JOIN pg_replication_slots ON pg_replication_slots.active_pid = pg_stat_replication.pid
    CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                            ELSE pg_current_wal_lsn() END AS here) AS wal
"""

COLLECTOR = Collector("stat_replication", lambda server: SQL, columns(len(LABELS), (CURRENT, DIFF)))
