"""``prometheus_config_*`` and ``prometheus_ready``: what the role says of itself as a whole."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Gauge


class ConfigMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._successful = Gauge(
            "prometheus_config_last_reload_successful",
            "Whether the last reload of the configuration succeeded.",
            registry=registry,
        )
        self._when = Gauge(
            "prometheus_config_last_reload_success_timestamp_seconds",
            "When the configuration was last reloaded successfully.",
            registry=registry,
        )
        self.ready = Gauge(
            "prometheus_ready", "Whether the store has been read and queries are answered.", registry=registry
        )
        self.succeeded = False
        self.last_success_s = 0.0

    def reloaded(self, *, ok: bool) -> None:
        self.succeeded = ok
        self._successful.set(ok)
        if ok:
            self.last_success_s = time.time()
            self._when.set(self.last_success_s)
