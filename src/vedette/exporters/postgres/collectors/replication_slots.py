"""``pg_replication_slots_*``: slots, whether somebody reads them, and the log they hold back."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server, text

LABELS = ("slot_name", "slot_type")


def _gauge(name: str, help: str, labels: tuple[str, ...] = LABELS) -> Family:
    return Family(f"pg_replication_slots_{name}", "gauge", help, labels)


CURRENT = _gauge("slot_current_wal_lsn", "current wal lsn value")
CONFIRMED = _gauge("slot_confirmed_flush_lsn", "last lsn confirmed flushed to the replication slot")
IS_ACTIVE = _gauge("slot_is_active", "whether the replication slot is active or not")
SAFE_SIZE = _gauge(
    "safe_wal_size_bytes",
    "number of bytes that can be written to WAL such that this slot is not in danger of getting in state lost",
)
WAL_STATUS = _gauge("wal_status", "availability of WAL files claimed by this slot", (*LABELS, "wal_status"))
ACTIVE = _gauge("active", "True if this slot is currently actively being used", ("slot_name", "database"))
DIFF = _gauge("pg_wal_lsn_diff", "Replication lag in bytes", ("slot_name", "database"))
SQL = """
    SELECT slot_name, slot_type, database, active::int, wal_status, safe_wal_size,
           pg_wal_lsn_diff(wal.here, '0/0'), pg_wal_lsn_diff(confirmed_flush_lsn, '0/0'),
           pg_wal_lsn_diff(wal.here, restart_lsn)
    FROM pg_replication_slots
    CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                            ELSE pg_current_wal_lsn() END AS here) AS wal
"""


def describe(page: Page, rows: Rows, server: Server) -> None:
    for name, kind, database, active, status, safe, current, confirmed, behind in rows:
        page.add(CURRENT, current or 0, name, kind)
        if active:
            page.add(CONFIRMED, confirmed or 0, name, kind)
        page.add(IS_ACTIVE, active, name, kind)
        if safe is not None:
            page.add(SAFE_SIZE, safe, name, kind)
        if status is not None:
            page.add(WAL_STATUS, 1, name, kind, status)
        page.add(ACTIVE, active, name, text(database))
        page.add(DIFF, behind or 0, name, text(database))


COLLECTOR = Collector("replication_slot", lambda server: SQL, describe)
