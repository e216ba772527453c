"""Every collector by the original's name for it."""

from __future__ import annotations

from vedette.exporters.postgres.collector import Collector
from vedette.exporters.postgres.collectors import (
    database,
    database_wraparound,
    locks,
    long_running_transactions,
    postmaster,
    replication,
    replication_slots,
    roles,
    settings,
    stat_activity,
    stat_archiver,
    stat_bgwriter,
    stat_checkpointer,
    stat_database,
    stat_database_conflicts,
    stat_progress_vacuum,
    stat_replication,
    stat_statements,
    stat_user_tables,
    statio_user_indexes,
    statio_user_tables,
    wal,
)

COLLECTORS: dict[str, Collector] = {
    module.COLLECTOR.name: module.COLLECTOR
    for module in (
        database,
        database_wraparound,
        locks,
        long_running_transactions,
        postmaster,
        replication,
        replication_slots,
        roles,
        settings,
        stat_activity,
        stat_archiver,
        stat_bgwriter,
        stat_checkpointer,
        stat_database,
        stat_database_conflicts,
        stat_progress_vacuum,
        stat_replication,
        stat_statements,
        stat_user_tables,
        statio_user_indexes,
        statio_user_tables,
        wal,
    )
}
DEFAULT = tuple(name for name, collector in COLLECTORS.items() if collector.default)
