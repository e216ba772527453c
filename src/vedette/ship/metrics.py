"""The shipper's own metrics, under the original's names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class ShipMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.read_lines = Counter(
            "promtail_read_lines_total", "Number of lines read.", ["path"], registry=registry
        )
        self.read_bytes = Gauge(
            "promtail_read_bytes_total", "Number of bytes read.", ["path"], registry=registry
        )
        self.file_bytes = Gauge(
            "promtail_file_bytes_total", "Number of bytes total.", ["path"], registry=registry
        )
        self.files_active = Gauge("promtail_files_active_total", "Number of active files.", registry=registry)
        self.targets_active = Gauge(
            "promtail_targets_active_total", "Number of active total.", registry=registry
        )
        self.targets_failed = Counter(
            "promtail_targets_failed_total", "Number of failed targets.", ["reason"], registry=registry
        )
        host = ["host"]
        self.sent_entries = Counter(
            "promtail_sent_entries_total",
            "Number of log entries sent to the ingester.",
            host,
            registry=registry,
        )
        self.sent_bytes = Counter(
            "promtail_sent_bytes_total", "Number of bytes sent.", host, registry=registry
        )
        self.encoded_bytes = Counter(
            "promtail_encoded_bytes_total",
            "Number of bytes encoded and ready to send.",
            host,
            registry=registry,
        )
        dropped = ["host", "tenant", "reason"]
        self.dropped_entries = Counter(
            "promtail_dropped_entries_total", "Number of log entries dropped.", dropped, registry=registry
        )
        self.dropped_bytes = Counter(
            "promtail_dropped_bytes_total", "Number of bytes dropped.", dropped, registry=registry
        )
        self.retries = Counter(
            "promtail_batch_retries_total",
            "Number of times batches had to be retried.",
            ["host", "tenant"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "promtail_request_duration_seconds",
            "Duration of send requests.",
            ["status_code", "host"],
            registry=registry,
        )
        self.reload_success = Counter(
            "promtail_config_reload_success_total", "Number of reload success times.", registry=registry
        )
        self.reload_fail = Counter(
            "promtail_config_reload_fail_total", "Number of reload fail times.", registry=registry
        )

    def forget_path(self, path: str) -> None:
        for family in (self.read_lines, self.read_bytes, self.file_bytes):
            try:
                family.remove(path)
            except KeyError:
                continue
