"""``prometheus_target_*``: how scraping goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from vedette.metrics.quantiles import QuantileSummary

_SAMPLES = "prometheus_target_scrapes_sample"
_POOL = "prometheus_target_scrape_pool"


class ScrapeMetrics:
    """Made once a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, labels, registry=registry)

        self.interval_length = QuantileSummary(
            "prometheus_target_interval_length_seconds",
            "Actual intervals between scrapes.",
            label="interval",
            registry=registry,
            quantiles=(0.01, 0.05, 0.5, 0.9, 0.99),
        )
        self.sync_length = QuantileSummary(
            "prometheus_target_sync_length_seconds",
            "Actual interval to sync the scrape pool.",
            label="scrape_job",
            registry=registry,
            quantiles=(0.01, 0.05, 0.5, 0.9, 0.99),
        )
        self._duplicates = counter(
            f"{_SAMPLES}_duplicate_timestamp",
            "Total number of samples rejected due to duplicate timestamps but different values.",
        )
        self._out_of_order = counter(
            f"{_SAMPLES}_out_of_order",
            "Total number of samples rejected due to not being out of the expected order.",
        )
        self._out_of_bounds = counter(
            f"{_SAMPLES}_out_of_bounds",
            "Total number of samples rejected due to timestamp falling outside of the time bounds.",
        )
        self._sample_limit = counter(
            "prometheus_target_scrapes_exceeded_sample_limit",
            "Total number of scrapes that hit the sample limit and were rejected.",
        )
        self._body_limit = counter(
            "prometheus_target_scrapes_exceeded_body_size_limit",
            "Total number of scrapes that hit the body size limit.",
        )
        self._label_limit = counter(
            f"{_POOL}_exceeded_label_limits",
            "Total number of times scrape pools hit the label limits, during sync or config reload.",
        )
        self.target_limit_exceeded = counter(
            f"{_POOL}_exceeded_target_limit",
            "Total number of times scrape pools hit the target limit, during sync or config reload.",
        )
        self.pools = counter(
            "prometheus_target_scrape_pools", "Total number of scrape pool creation attempts."
        )
        self.pools_failed = counter(
            "prometheus_target_scrape_pools_failed", "Total number of scrape pool creations that failed."
        )
        self.reloads = counter(f"{_POOL}_reloads", "Total number of scrape pool reloads.")
        self.reloads_failed = counter(
            f"{_POOL}_reloads_failed", "Total number of failed scrape pool reloads."
        )
        self.syncs = counter(
            f"{_POOL}_sync", "Total number of syncs that were executed on a scrape pool.", "scrape_job"
        )
        self.sync_failed = counter(
            "prometheus_target_sync_failed", "Total number of target sync failures.", "scrape_job"
        )
        self.pool_targets = gauge(
            f"{_POOL}_targets", "Current number of targets in this scrape pool.", "scrape_job"
        )
        self.pool_target_limit = gauge(
            f"{_POOL}_target_limit", "Maximum number of targets allowed in this scrape pool.", "scrape_job"
        )

    def duplicates(self, count: int) -> None:
        if count:
            self._duplicates.inc(count)

    def out_of_order(self, count: int) -> None:
        if count:
            self._out_of_order.inc(count)

    def out_of_bounds(self, count: int) -> None:
        if count:
            self._out_of_bounds.inc(count)

    def sample_limit_exceeded(self) -> None:
        self._sample_limit.inc()

    def body_limit_exceeded(self) -> None:
        self._body_limit.inc()

    def label_limit_exceeded(self) -> None:
        self._label_limit.inc()

    def forget_job(self, job: str) -> None:
        """A job is gone, and so are its series."""
        for metric in (
            self.syncs,
            self.sync_failed,
            self.pool_targets,
            self.pool_target_limit,
        ):
            if (job,) in metric._metrics:
                metric.remove(job)
        self.sync_length.forget(job)


class MetadataCollector:
    """``prometheus_target_metadata_cache_*``, counted when somebody asks."""

    def __init__(self, sizes: Callable[[], Iterable[tuple[str, int, int]]]) -> None:
        self._sizes = sizes

    def collect(self) -> Iterable[Metric]:
        entries = GaugeMetricFamily(
            "prometheus_target_metadata_cache_entries",
            "Total number of metric metadata entries in the cache.",
            labels=["scrape_job"],
        )
        size = GaugeMetricFamily(
            "prometheus_target_metadata_cache_bytes",
            "The number of bytes that are currently used for storing metric metadata in the cache.",
            labels=["scrape_job"],
        )
        for job, count, length in self._sizes():
            entries.add_metric([job], count)
            size.add_metric([job], length)
        return [entries, size]
