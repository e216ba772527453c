"""``prometheus_notifications_*``: how telling Alertmanagers goes."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary

_TO = ("alertmanager",)


class NotifierMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.sent = Counter("prometheus_notifications_sent", "Alerts sent.", _TO, registry=registry)
        self.errors = Counter(
            "prometheus_notifications_errors", "Alerts whose sending failed.", _TO, registry=registry
        )
        self.dropped = Counter(
            "prometheus_notifications_dropped",
            "Alerts lost to a full queue or a failed sending; firing ones are sent again later.",
            _TO,
            registry=registry,
        )
        self.seconds = Summary(
            "prometheus_notifications_latency_seconds", "How long sending takes.", _TO, registry=registry
        )
        self.queue_length = Gauge(
            "prometheus_notifications_queue_length", "Alerts waiting.", _TO, registry=registry
        )
        self.queue_capacity = Gauge(
            "prometheus_notifications_queue_capacity", "Alerts that may wait.", _TO, registry=registry
        )
        self.discovered = Gauge(
            "prometheus_notifications_alertmanagers_discovered",
            "Alertmanagers discovered and in use.",
            registry=registry,
        )

    def begin(self, url: str, capacity: int) -> None:
        """The series of an Alertmanager appear with it, not with its first alert."""
        for counter in (self.sent, self.errors, self.dropped):
            counter.labels(url)
        self.queue_length.labels(url).set(0)
        self.queue_capacity.labels(url).set(capacity)

    def end(self, url: str) -> None:
        for metric in (
            self.sent,
            self.errors,
            self.dropped,
            self.seconds,
            self.queue_length,
            self.queue_capacity,
        ):
            try:
                metric.remove(url)
            except KeyError:
                continue
