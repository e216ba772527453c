"""What happened in the store since it was opened, and the self-metrics made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from vedette.model.time import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from vedette.metrics.tsdb.database import Database


@dataclass(slots=True)
class Events:
    compactions: int = 0
    compaction_seconds: float = 0.0
    compactions_failed: int = 0
    reloads: int = 0
    reloads_failed: int = 0
    checkpoints: int = 0
    checkpoints_failed: int = 0
    corruptions: int = 0
    head_gcs: int = 0
    head_gc_seconds: float = 0.0
    fsyncs: int = 0
    fsync_seconds: float = 0.0
    blocks_deleted_by_size: int = 0
    blocks_deleted_by_time: int = 0
    clean_start: bool = True

    def compacted(self, seconds: float) -> None:
        self.compactions += 1
        self.compaction_seconds += seconds

    def head_gc(self, seconds: float) -> None:
        self.head_gcs += 1
        self.head_gc_seconds += seconds

    def fsynced(self, seconds: float) -> None:
        self.fsyncs += 1
        self.fsync_seconds += seconds


def register(database: Database, registry: CollectorRegistry) -> None:
    """Makes `registry` show the store under the original's names."""
    registry.register(_Collector(database))


class _Collector(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        yield from _gauges(self._database)
        yield from _counters(self._database)
        yield from _summaries(self._database.events)


def _gauges(database: Database) -> Iterator[Metric]:
    head, blocks = database.head, database.blocks()
    low = head.min_time if head.min_time != MAX_TIME else 0
    high = head.max_time if head.max_time != MIN_TIME else 0
    oldest = database.min_time if database.min_time != MAX_TIME else 0
    wal = head.wal
    for name, text, value in (
        ("head_series", "Total number of series in the head block.", head.store.live_series),
        ("head_chunks", "Total number of chunks in the head block.", head.store.chunk_count),
        ("head_min_time", "Minimum time bound of the head block, in milliseconds.", low),
        ("head_min_time_seconds", "Minimum time bound of the head block.", low / 1000),
        ("head_max_time", "Maximum timestamp of the head block, in milliseconds.", high),
        ("head_max_time_seconds", "Maximum timestamp of the head block.", high / 1000),
        ("head_active_appenders", "Number of currently active appender transactions.", head.active_appenders),
        ("lowest_timestamp", "Lowest timestamp stored in the database, in milliseconds.", oldest),
        ("lowest_timestamp_seconds", "Lowest timestamp stored in the database.", oldest / 1000),
        ("blocks_loaded", "Number of currently loaded data blocks.", len(blocks)),
        (
            "storage_blocks_bytes",
            "The number of bytes used by all blocks.",
            sum(block.disk_bytes for block in blocks),
        ),
        (
            "symbol_table_size_bytes",
            "Size of symbol table in memory for loaded blocks.",
            sum(block.index.symbol_table_bytes() for block in blocks),
        ),
        (
            "wal_segment_current",
            "Write-ahead log segment that is being written to.",
            wal.segment if wal else -1,
        ),
        ("clean_start", "1 if the store was left in order the last time.", int(database.events.clean_start)),
        (
            "retention_limit_bytes",
            "Max number of bytes to be retained, 0 when disabled.",
            database.options.retention_size,
        ),
        (
            "retention_limit_seconds",
            "How long samples are retained, 0 when disabled.",
            database.options.retention_time / 1000,
        ),
        ("head_memory_bytes", "Bytes held for series and samples of the head.", head.store.memory()),
        ("exemplar_exemplars_in_storage", "Number of exemplars currently in storage.", 0),
    ):
        yield GaugeMetricFamily(f"prometheus_tsdb_{name}", text, value)


def _counters(database: Database) -> Iterator[Metric]:
    head, events = database.head.counters, database.events
    appended = CounterMetricFamily(
        "prometheus_tsdb_head_samples_appended", "Total number of appended samples.", labels=["type"]
    )
    appended.add_metric(["float"], head.appended)
    yield appended
    refused = CounterMetricFamily(
        "prometheus_tsdb_out_of_order_samples",
        "Samples refused because they are older than the newest of their series.",
        labels=["type"],
    )
    refused.add_metric(["float"], head.out_of_order)
    yield refused
    bounds = CounterMetricFamily(
        "prometheus_tsdb_out_of_bound_samples",
        "Samples refused because they are older than the head accepts.",
        labels=["type"],
    )
    bounds.add_metric(["float"], head.out_of_bounds)
    yield bounds
    for name, text, value in (
        ("head_series_created", "Total number of series created in the head.", head.series_created),
        ("head_series_removed", "Total number of series removed in the head.", head.series_removed),
        ("too_old_samples", "Samples refused because they are too old.", 0),
        ("wal_writes_failed", "Writes to the write-ahead log that failed.", head.write_failures),
        ("wal_corruptions", "Total number of write-ahead log corruptions.", events.corruptions),
        ("checkpoint_creations", "Checkpoints of the write-ahead log that were made.", events.checkpoints),
        ("checkpoint_creations_failed", "Checkpoints that could not be made.", events.checkpoints_failed),
        ("compactions", "Total number of compactions that were executed.", events.compactions),
        ("compactions_failed", "Total number of compactions that failed.", events.compactions_failed),
        ("reloads", "How often blocks were looked at again.", events.reloads),
        ("reloads_failures", "How often blocks could not be loaded.", events.reloads_failed),
        ("size_retentions", "Blocks removed because of the size limit.", events.blocks_deleted_by_size),
        ("time_retentions", "Blocks removed because of their age.", events.blocks_deleted_by_time),
    ):
        yield CounterMetricFamily(f"prometheus_tsdb_{name}", text, value)


def _summaries(events: Events) -> Iterator[Metric]:
    for name, text, count, total in (
        (
            "compaction_duration_seconds",
            "Duration of compaction runs.",
            events.compactions,
            events.compaction_seconds,
        ),
        (
            "head_gc_duration_seconds",
            "Runtime of garbage collection in the head.",
            events.head_gcs,
            events.head_gc_seconds,
        ),
        (
            "wal_fsync_duration_seconds",
            "Duration of write-ahead log fsync.",
            events.fsyncs,
            events.fsync_seconds,
        ),
    ):
        yield SummaryMetricFamily(f"prometheus_tsdb_{name}", text, count, total)
