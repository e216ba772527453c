"""``prometheus_engine_*``: queries counted and timed."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vedette.metrics.promql.result import QueryStats
from vedette.metrics.quantiles import QuantileSummary

SLICES = ("queue_time", "prepare_time", "inner_eval", "result_sort")
_BUCKETS = (0.01, 0.1, 1.0, 10.0)


class QueryMetrics:
    def __init__(self, registry: CollectorRegistry, concurrency: int) -> None:
        self.queries = Gauge("prometheus_engine_queries", "Queries running or waiting.", registry=registry)
        most = Gauge(
            "prometheus_engine_queries_concurrent_max", "Queries that may run at once.", registry=registry
        )
        most.set(concurrency)
        self.seconds = QuantileSummary(
            "prometheus_engine_query_duration_seconds",
            "Query timings.",
            label="slice",
            values=SLICES,
            registry=registry,
        )
        histogram = Histogram(
            "prometheus_engine_query_duration_histogram_seconds",
            "Query timings, by how long the parts took.",
            ["slice"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._histograms = {name: histogram.labels(name) for name in SLICES}
        self._samples = Counter(
            "prometheus_engine_query_samples_total", "Samples read by all queries.", registry=registry
        )
        self.log_enabled = Gauge(
            "prometheus_engine_query_log_enabled", "Whether queries are logged to a file.", registry=registry
        )
        self.log_failures = Counter(
            "prometheus_engine_query_log_failures_total",
            "Queries that could not be logged.",
            registry=registry,
        )
        self.slow = Counter(
            "vedette_engine_slow_queries_total",
            "Queries that took longer than --query.slow-log-threshold.",
            registry=registry,
        )

    def observe(self, slice: str, seconds: float) -> None:
        self.seconds.observe(slice, seconds)
        self._histograms[slice].observe(seconds)

    def evaluated(self, stats: QueryStats) -> None:
        """Counts what one evaluation did."""
        self._samples.inc(stats.samples)
        self.observe("prepare_time", stats.parse_s + stats.plan_s)
        self.observe("inner_eval", stats.eval_s - stats.sort_s)
        self.observe("result_sort", stats.sort_s)
