"""What the alerts role says of itself, under Alertmanager's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vedette.alerts.notify.errors import Failure, NotifyError
from vedette.alerts.notify.kinds import ALL_KINDS
from vedette.alerts.stages.mute import Muted


class AlertsMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: Iterable[str] = ()) -> Counter:
            return Counter(f"alertmanager_{name}", text, list(labels), registry=registry)

        def gauge(name: str, text: str, labels: Iterable[str] = ()) -> Gauge:
            return Gauge(f"alertmanager_{name}", text, list(labels), registry=registry)

        self.received = counter(
            "alerts_received_total", "The total number of received alerts.", ["status", "version"]
        )
        self.invalid = counter(
            "alerts_invalid_total", "The total number of received alerts that were invalid.", ["version"]
        )
        self.alerts = gauge("alerts", "How many alerts by state.", ["state"])
        self.marked = gauge("marked_alerts", "How many alerts by state are currently marked.", ["state"])
        self.silences = gauge("silences", "How many silences by state.", ["state"])
        self.groups = gauge("dispatcher_aggregation_groups", "Number of active aggregation groups")
        self.processing = Histogram(
            "alertmanager_dispatcher_alert_processing_duration_seconds",
            "Time spent on routing an alert.",
            registry=registry,
        )
        self.notifications = counter(
            "notifications_total", "The total number of attempted notifications.", ["integration"]
        )
        self.failed = counter(
            "notifications_failed_total",
            "The total number of failed notifications.",
            ["integration", "reason"],
        )
        self.requests = counter(
            "notification_requests_total",
            "The total number of attempted notification requests.",
            ["integration"],
        )
        self.requests_failed = counter(
            "notification_requests_failed_total",
            "The total number of failed notification requests.",
            ["integration"],
        )
        self.latency = Histogram(
            "alertmanager_notification_latency_seconds",
            "The latency of notifications in seconds.",
            ["integration"],
            buckets=(1, 5, 10, 15, 20),
            registry=registry,
        )
        self.suppressed = counter(
            "notifications_suppressed_total",
            "The total number of notifications suppressed, by reason.",
            ["reason"],
        )
        self.reload_ok = gauge(
            "config_last_reload_successful", "Whether the last configuration reload attempt was successful."
        )
        self.reload_at = gauge(
            "config_last_reload_success_timestamp_seconds",
            "Timestamp of the last successful configuration reload.",
        )
        self.config_hash = gauge("config_hash", "Hash of the currently loaded configuration.")
        self.receivers = gauge("receivers", "Number of configured receivers.")
        self.integrations = gauge("integrations", "Number of configured integrations.")
        self.inhibition_rules = gauge("inhibition_rules", "Number of configured inhibition rules.")
        gauge("cluster_enabled", "Indicates whether the clustering is enabled or not.").set(0)
        self._start_at_zero()

    def _start_at_zero(self) -> None:
        """Series exist before anything happens, so that a rate sees the first event."""
        for kind in ALL_KINDS:
            self.notifications.labels(kind)
            self.requests.labels(kind)
            self.requests_failed.labels(kind)
            self.latency.labels(kind)
            for failure in Failure:
                self.failed.labels(kind, failure.value)
        for why in Muted:
            self.suppressed.labels(why.value)
        for status in ("firing", "resolved"):
            self.received.labels(status, "v2")
        self.invalid.labels("v2")
        for state in ("active", "suppressed", "unprocessed"):
            self.alerts.labels(state)
            self.marked.labels(state)

    def watch(
        self, alerts: Callable[[], Mapping[str, int]], silences: Callable[[], Mapping[str, int]]
    ) -> None:
        """Where the gauges of alerts and silences by state come from, asked at every scrape."""
        for state in ("active", "suppressed", "unprocessed"):
            for gauge in (self.alerts, self.marked):
                gauge.labels(state).set_function(_one(alerts, state))
        for state in ("active", "pending", "expired"):
            self.silences.labels(state).set_function(_one(silences, state))

    def attempts(self, kind: str) -> Callable[[float, bool], None]:
        """Hears of each attempt to tell an integration of `kind`: seconds, and whether it arrived."""

        def heard(seconds: float, arrived: bool) -> None:
            self.requests.labels(kind).inc()
            self.latency.labels(kind).observe(seconds)
            if not arrived:
                self.requests_failed.labels(kind).inc()

        return heard

    def notified(self, kind: str, error: NotifyError | None) -> None:
        self.notifications.labels(kind).inc()
        if error is not None:
            self.failed.labels(kind, error.failure.value).inc()


def _one(counts: Callable[[], Mapping[str, int]], state: str) -> Callable[[], float]:
    return lambda: counts().get(state, 0)
