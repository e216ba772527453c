"""``pg_stat_progress_vacuum_*``: vacuums under way. PostgreSQL 17 counts dead items where 16 counted tuples."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server, text

PHASES = (
    "initializing",
    "scanning heap",
    "vacuuming indexes",
    "vacuuming heap",
    "cleaning up indexes",
    "truncating heap",
    "performing final cleanup",
)
LABELS = ("datname", "relname")
PHASE = Family(
    "pg_stat_progress_vacuum_phase",
    "gauge",
    "Current vacuum phase (1 = active, 0 = inactive).",
    (*LABELS, "phase"),
)
COLUMNS = {
    "heap_blks": "Total number of heap blocks in the table being vacuumed.",
    "heap_blks_scanned": "Number of heap blocks scanned so far.",
    "heap_blks_vacuumed": "Number of heap blocks vacuumed so far.",
    "index_vacuums": "Number of completed index vacuum cycles.",
    "max_dead_tuples": "Maximum number of dead tuples that can be stored before cleanup is performed.",
    "num_dead_tuples": "Current number of dead tuples found so far.",
}
FAMILIES = tuple(
    Family(f"pg_stat_progress_vacuum_{name}", "gauge", help, LABELS) for name, help in COLUMNS.items()
)


def sql(server: Server) -> str:
    dead = (
        "max_dead_tuple_bytes, num_dead_item_ids"
        if server.major >= 17
        else "max_dead_tuples, num_dead_tuples"
    )
    return f"""
        SELECT datname, relid::regclass::text, phase, heap_blks_total, heap_blks_scanned, heap_blks_vacuumed,
               index_vacuum_count, {dead}
        FROM pg_stat_progress_vacuum
    """


def describe(page: Page, rows: Rows, server: Server) -> None:
    for datname, relname, phase, *counts in rows:
        labels = (text(datname), text(relname))
        for candidate in PHASES:
            page.add(PHASE, int(candidate == phase), *labels, candidate)
        for family, count in zip(FAMILIES, counts, strict=True):
            page.add(family, count or 0, *labels)


COLLECTOR = Collector("stat_progress_vacuum", sql, describe)
