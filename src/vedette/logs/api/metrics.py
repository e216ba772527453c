"""What the role counts of itself, under the names that Loki's dashboards use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from vedette.logs.logql.run.source import Stats
from vedette.logs.push.accept import Accepted
from vedette.logs.push.replies import TENANT


class LogsMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._bytes = Counter(
            "loki_distributor_bytes_received_total",
            "The total number of uncompressed bytes received per tenant.",
            ["tenant"],
            registry=registry,
        )
        self._lines = Counter(
            "loki_distributor_lines_received_total",
            "The total number of lines received per tenant.",
            ["tenant"],
            registry=registry,
        )
        self._discarded = Counter(
            "loki_discarded_samples_total",
            "The total number of samples that were discarded.",
            ["tenant", "reason"],
            registry=registry,
        )
        self._latency = Histogram(
            "loki_logql_querystats_latency_seconds",
            "Distribution of latency for LogQL queries.",
            ["type"],
            buckets=(0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
            registry=registry,
        )
        self._query_bytes = Counter(
            "loki_logql_querystats_bytes_processed_total",
            "Bytes that queries looked at.",
            ["type"],
            registry=registry,
        )
        for known in ("rate_limited", "greater_than_max_sample_age", "line_too_long", "stream_limit"):
            self._discarded.labels(TENANT, known)

    def watch(self, figures: Callable[[], Mapping[str, int]]) -> None:
        """Shows the figures of the store at every scrape."""
        self._registry.register(_StoreFigures(figures))

    def received(self, accepted: Accepted) -> None:
        self._bytes.labels(TENANT).inc(accepted.received_bytes)
        self._lines.labels(TENANT).inc(accepted.received_lines)
        for reason, count in accepted.discarded.items():
            self.discarded(reason, count)

    def discarded(self, reason: str, count: int) -> None:
        self._discarded.labels(TENANT, reason).inc(count)

    def query_done(self, kind: str, stats: Stats, seconds: float) -> None:
        self._latency.labels(kind).observe(seconds)
        self._query_bytes.labels(kind).inc(stats.total_bytes)


_FIGURES = {
    "head_streams": ("loki_ingester_memory_streams", "The total number of streams in memory."),
    "head_bytes": ("loki_ingester_memory_head_bytes", "Bytes of lines that are not in a block yet."),
    "blocks": ("loki_ingester_chunks_stored", "The number of sealed blocks."),
    "disk_bytes": ("loki_store_disk_bytes", "Bytes of the files that hold sealed blocks."),
    "wal_bytes": ("loki_ingester_wal_disk_bytes", "Bytes of the write-ahead log."),
    "streams": ("loki_index_streams", "The number of streams that can be queried."),
}


class _StoreFigures(Collector):
    def __init__(self, figures: Callable[[], Mapping[str, int]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        figures = self._figures()
        for key, (name, text) in _FIGURES.items():
            yield GaugeMetricFamily(name, text, value=figures[key])
