"""Request metrics for Datadog: a thread that sends, every 15 seconds, what the Prometheus counters grew by."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter

log = logging.getLogger("vedette.app.vendors")

EVERY_S = 15.0
COUNT = 1  # MetricIntakeType

Key = tuple[str, str, str]  # method, endpoint, status


def read_counter(counter: Counter) -> dict[Key, float]:
    return {
        (sample.labels["method"], sample.labels["endpoint"], sample.labels["status"]): sample.value
        for metric in counter.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def growth(before: Mapping[Key, float], now: Mapping[Key, float]) -> dict[Key, float]:
    """What was added since, of the series that grew."""
    return {key: more for key, value in now.items() if (more := value - before.get(key, 0.0)) > 0}


class DatadogReporter:
    """Sends ``http.requests`` (count), tagged service, method, endpoint and status."""

    def __init__(
        self, env: Mapping[str, str], counter: Counter, *, service: str, every_s: float = EVERY_S
    ) -> None:
        self._env, self._counter, self._service, self._every_s = env, counter, service, every_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._sent: dict[Key, float] = {}

    @property
    def wanted(self) -> bool:
        return bool(self._env.get("DATADOG_API_KEY") or self._env.get("DD_API_KEY"))

    def start(self) -> None:
        if self._thread is None and self.wanted:
            self._sent = read_counter(self._counter)
            self._thread = threading.Thread(target=self._run, name="datadog", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Sends what is left, and ends."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def _run(self) -> None:
        try:
            from datadog_api_client import ApiClient, Configuration
            from datadog_api_client.v2.api.metrics_api import MetricsApi
        except ImportError:
            log.debug("DATADOG_API_KEY is set, but datadog-api-client is not installed")
            return
        configuration: Any = Configuration()  # type: ignore[no-untyped-call]
        configuration.api_key["apiKeyAuth"] = self._env.get("DATADOG_API_KEY") or self._env["DD_API_KEY"]
        if self._env.get("DD_SITE"):
            configuration.server_variables["site"] = self._env["DD_SITE"]
        if self._env.get("DATADOG_HOST"):
            configuration.server_index = 1
            protocol, _, host = self._env["DATADOG_HOST"].rpartition("://")
            configuration.server_variables |= {"protocol": protocol or "https", "name": host}
        complained = False
        with ApiClient(configuration) as client:
            api = MetricsApi(client)  # type: ignore[no-untyped-call]
            while True:
                ended = self._stop.wait(self._every_s)
                try:
                    self._send(api)
                    complained = False
                except Exception as error:
                    if not complained:
                        log.warning("Datadog does not take metrics: %s", type(error).__name__)
                        complained = True
                if ended:
                    return

    def _send(self, api: Any) -> None:
        from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType
        from datadog_api_client.v2.model.metric_payload import MetricPayload
        from datadog_api_client.v2.model.metric_point import MetricPoint
        from datadog_api_client.v2.model.metric_series import MetricSeries

        now = read_counter(self._counter)
        grown = growth(self._sent, now)
        if not grown:
            return
        when = int(time.time())
        count = MetricIntakeType(COUNT)  # type: ignore[no-untyped-call]
        series = [
            MetricSeries(
                metric="http.requests",
                type=count,
                interval=int(self._every_s),
                points=[MetricPoint(timestamp=when, value=value)],
                tags=[
                    f"service:{self._service}",
                    f"method:{method}",
                    f"endpoint:{endpoint}",
                    f"status:{status}",
                ],
            )
            for (method, endpoint, status), value in grown.items()
        ]
        api.submit_metrics(body=MetricPayload(series=series))
        self._sent = now
