"""``pg_stat_database_conflicts_confl_*``: queries that recovery cancelled on a standby, by cause."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server, text

CAUSES = {
    "tablespace": "dropped tablespaces",
    "lock": "lock timeouts",
    "snapshot": "old snapshots",
    "bufferpin": "pinned buffers",
    "deadlock": "deadlocks",
}
FAMILIES = tuple(
    Family(
        f"pg_stat_database_conflicts_confl_{cause}",
        "counter",
        f"Number of queries in this database that have been canceled due to {what}",
        ("datid", "datname", "server"),
    )
    for cause, what in CAUSES.items()
)
SQL = f"SELECT datid, datname, {', '.join(f'confl_{cause}' for cause in CAUSES)} FROM pg_stat_database_conflicts"


def describe(page: Page, rows: Rows, server: Server) -> None:
    for datid, datname, *counts in rows:
        for family, count in zip(FAMILIES, counts, strict=True):
            page.add(family, count or 0, text(datid), text(datname), server.address)


COLLECTOR = Collector("stat_database_conflicts", lambda server: SQL, describe)
