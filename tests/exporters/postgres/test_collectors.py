"""What needs no server: units, versions, rows that mean more than a number."""

from __future__ import annotations

import pytest

from support.exposition import PageFamily, parse_page
from vedette.exporters.collector import NoData
from vedette.exporters.page import Page
from vedette.exporters.postgres.collector import Choices, Collector, Rows, Server, literals
from vedette.exporters.postgres.collectors import (
    replication_slots,
    settings,
    stat_bgwriter,
    stat_checkpointer,
    stat_progress_vacuum,
    stat_statements,
)
from vedette.exporters.postgres.registry import COLLECTORS

VERSIONS = (130000, 140000, 150018, 160004, 170002, 180003)


def server(version: int = 180003, **choices: object) -> Server:
    return Server("db:5432", version, "PostgreSQL", frozenset({"pg_stat_statements"}), Choices(**choices))  # type: ignore[arg-type]


def describe(collector: Collector, rows: Rows, version: int = 180003) -> dict[str, PageFamily]:
    page = Page()
    collector.describe(page, rows, server(version))
    return parse_page(page.render().decode())


@pytest.mark.parametrize(
    "unit, base, factor",
    [
        (None, "", 1),
        ("8kB", "bytes", 8192),
        ("kB", "bytes", 1024),
        ("MB", "bytes", 2**20),
        ("16MB", "bytes", 2**24),
        ("B", "bytes", 1),
        ("ms", "seconds", 0.001),
        ("s", "seconds", 1),
        ("min", "seconds", 60),
    ],
)
def test_units(unit: str | None, base: str, factor: float) -> None:
    assert settings.base_unit(unit) == (base, factor)


def test_settings() -> None:
    families = describe(
        settings.COLLECTOR,
        [
            ("shared_buffers", "4096", "8kB", "integer"),
            ("log_min_duration_statement", "-1", "ms", "integer"),
            ("pg_stat_statements.save", "on", None, "bool"),
            ("random_page_cost", "4", None, "real"),
        ],
    )
    assert families["pg_settings_shared_buffers_bytes"].value() == 4096 * 8192
    assert families["pg_settings_shared_buffers_bytes"].help == (
        "Server Parameter: shared_buffers [Units converted to bytes.]"
    )
    assert families["pg_settings_log_min_duration_statement_seconds"].value() == -1
    assert families["pg_settings_pg_stat_statements_save"].value() == 1
    assert families["pg_settings_random_page_cost"].value() == 4


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", sorted(COLLECTORS))
def test_every_version_has_its_query(name: str, version: int) -> None:
    try:
        query = COLLECTORS[name].sql(server(version))
    except NoData:
        assert name == "stat_checkpointer" and version < 170000
        return
    moved = {"checkpoints_timed": 17, "max_dead_tuples": 17, "(blk_read_time)": 17}
    appeared = {"max_dead_tuple_bytes": 17, "shared_blk_read_time": 17, "active_time / 1000": 14}
    for column, major in moved.items():
        assert column not in query or version < major * 10000
    for column, major in appeared.items():
        assert column not in query or version >= major * 10000


def test_checkpoints_moved_in_17() -> None:
    assert "pg_stat_bgwriter_checkpoints_timed_total" in describe(
        stat_bgwriter.COLLECTOR, [(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)], 160000
    )
    assert list(describe(stat_bgwriter.COLLECTOR, [(1, 2, 3, 4)], 170000)) == [
        "pg_stat_bgwriter_buffers_alloc_total",
        "pg_stat_bgwriter_buffers_clean_total",
        "pg_stat_bgwriter_maxwritten_clean_total",
        "pg_stat_bgwriter_stats_reset_total",
    ]
    with pytest.raises(NoData):
        stat_checkpointer.COLLECTOR.sql(server(160000))


def test_statements() -> None:
    families = describe(
        stat_statements.COLLECTOR,
        [
            ("app", "shop", "-77", 4, 6.0, 12, 0.5, None, 'SELECT "x"\nFROM t'),
            ("bob", "shop", "-77", 1, 1.0, 1, 0, 0, 'SELECT "x"\nFROM t'),
        ],
    )
    assert families["pg_stat_statements_seconds_total"].value(user="app", datname="shop", queryid="-77") == 6
    assert families["pg_stat_statements_block_write_seconds_total"].value(user="app") == 0
    assert families["pg_stat_statements_query_id"].value(queryid="-77", query='SELECT "x"\nFROM t') == 1


def test_without_the_extension_there_are_no_statements() -> None:
    with pytest.raises(NoData, match="pg_stat_statements"):
        stat_statements.COLLECTOR.sql(Server("db:5432", 180000))


def test_user_words_are_quoted() -> None:
    assert literals(["a", "o'b"]) == "'a', 'o''b'"
    query = COLLECTORS["database"].sql(server(exclude_databases=("it's",)))
    assert "NOT IN ('it''s')" in query


def test_slots() -> None:
    families = describe(
        replication_slots.COLLECTOR,
        [
            ("s1", "physical", None, 1, "reserved", 1000, 500, None, 20),
            ("s2", "logical", "app", 0, None, None, 500, 400, 90),
        ],
    )
    assert families["pg_replication_slots_slot_is_active"].value(slot_name="s2") == 0
    assert families["pg_replication_slots_pg_wal_lsn_diff"].value(slot_name="s2", database="app") == 90
    assert families["pg_replication_slots_wal_status"].value(slot_name="s1", wal_status="reserved") == 1
    assert len(families["pg_replication_slots_safe_wal_size_bytes"].samples) == 1


def test_vacuum_phases() -> None:
    phases = describe(stat_progress_vacuum.COLLECTOR, [("app", "run", "scanning heap", 100, 40, 0, 0, 9, 3)])[
        "pg_stat_progress_vacuum_phase"
    ]
    assert phases.value(phase="scanning heap") == 1
    assert phases.value(phase="vacuuming heap") == 0
