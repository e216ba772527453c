"""``prometheus_sd_*``: what discoveries find, and where they fail."""

from __future__ import annotations

import time
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary


class DiscoveryMetrics:
    """Made once a registry, and shared by every `DiscoveryManager` of the role."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.discovered = Gauge(
            "prometheus_sd_discovered_targets",
            "Current number of discovered targets.",
            ["name", "config"],
            registry=registry,
        )
        self.failed_configs = Gauge(
            "prometheus_sd_failed_configs",
            "Current number of service discovery configurations that failed to load.",
            ["name"],
            registry=registry,
        )
        self.received = Counter(
            "prometheus_sd_received_updates",
            "Total number of update events received from the SD providers.",
            ["name"],
            registry=registry,
        )
        self.sent = Counter(
            "prometheus_sd_updates",
            "Total number of update events sent to the SD consumers.",
            ["name"],
            registry=registry,
        )
        self.delayed = Counter(
            "prometheus_sd_updates_delayed",
            "Total number of update events that couldn't be sent immediately.",
            ["name"],
            registry=registry,
        )
        self.refresh_failures = Counter(
            "prometheus_sd_refresh_failures",
            "Number of refresh failures for the given SD mechanism.",
            ["mechanism", "config"],
            registry=registry,
        )
        self._file_errors = Counter(
            "prometheus_sd_file_read_errors", "The number of File-SD read errors.", registry=registry
        )
        self._file_scan = Summary(
            "prometheus_sd_file_scan_duration_seconds",
            "The duration of the File-SD scan in seconds.",
            registry=registry,
        )
        self._file_time = Gauge(
            "prometheus_sd_file_mtime_seconds",
            "Timestamp (mtime) of files read by FileSD. Timestamp is set at read time.",
            ["filename"],
            registry=registry,
        )

    def file_read(self, path: str) -> None:
        try:
            changed = Path(path).stat().st_mtime
        except OSError:
            changed = time.time()
        self._file_time.labels(path).set(changed)

    def file_gone(self, path: str) -> None:
        # A file that was never read has no series.
        if (path,) in self._file_time._metrics:
            self._file_time.remove(path)

    def file_failed(self) -> None:
        self._file_errors.inc()

    def file_scan(self, seconds: float) -> None:
        self._file_scan.observe(seconds)
