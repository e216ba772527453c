"""One Alertmanager: its queue, and the task that posts from it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from vedette.client import HttpClient, HttpSettings
from vedette.config.log import get_logger
from vedette.metrics.notifier.alert import OutgoingAlert, encode_alerts
from vedette.metrics.notifier.observed import NotifierMetrics
from vedette.metrics.notifier.queue import AlertQueue
from vedette.model.labels import Labels

log = get_logger("metrics.notifier")

# Labels after `alert_relabel_configs`; None when the alert is dropped.
Relabel = Callable[[Labels], Labels | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where alerts go and how. `config` is compared to see whether a reload changed anything."""

    url: str
    timeout_s: float
    http: HttpSettings
    base_dir: Path
    config: object = None


class AlertmanagerSender:
    """Posts batches one after the other. What can't be delivered is dropped: alerts that last are sent again anyway."""

    def __init__(
        self, endpoint: Endpoint, relabel: Relabel, metrics: NotifierMetrics, *, capacity: int, batch: int
    ) -> None:
        self.endpoint = endpoint
        self._relabel = relabel
        self._metrics = metrics
        self._batch = batch
        self._queue = AlertQueue(capacity)
        self._client: HttpClient | None = None
        metrics.begin(endpoint.url, capacity)
        self._task = asyncio.create_task(self._run(), name=f"alerts to {endpoint.url}")

    def put(self, alerts: Sequence[OutgoingAlert]) -> None:
        kept = relabelled(alerts, self._relabel)
        dropped = self._queue.put(kept)
        if dropped:
            log.warning("queue full, oldest alerts dropped", alertmanager=self.endpoint.url, alerts=dropped)
            self._metrics.dropped.labels(self.endpoint.url).inc(dropped)
        self._metrics.queue_length.labels(self.endpoint.url).set(len(self._queue))

    async def stop(self, *, drain_s: float) -> None:
        """Sends what is queued, for at most `drain_s` seconds."""
        self._queue.close()
        done, _ = await asyncio.wait([self._task], timeout=drain_s)
        if not done:
            log.warning("alerts not delivered", alertmanager=self.endpoint.url, alerts=len(self._queue))
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._metrics.end(self.endpoint.url)

    async def _run(self) -> None:
        url = self.endpoint.url
        async with contextlib.AsyncExitStack() as stack:
            while alerts := await self._queue.take(self._batch):
                self._metrics.queue_length.labels(url).set(len(self._queue))
                started = time.perf_counter()
                fault = await self._post(stack, encode_alerts(alerts))
                self._metrics.seconds.labels(url).observe(time.perf_counter() - started)
                self._metrics.sent.labels(url).inc(len(alerts))
                if fault:
                    log.error("alerts not sent", alertmanager=url, alerts=len(alerts), error=fault)
                    self._metrics.errors.labels(url).inc(len(alerts))
                    self._metrics.dropped.labels(url).inc(len(alerts))

    async def _post(self, stack: contextlib.AsyncExitStack, body: bytes) -> str:
        """What went wrong, or nothing."""
        endpoint = self.endpoint
        try:
            if self._client is None:
                # Opened late and again after a failure: the files of its TLS settings may be mended meanwhile.
                client = HttpClient(endpoint.http, base_dir=endpoint.base_dir)
                self._client = await stack.enter_async_context(client)
            async with self._client.request(
                "POST",
                endpoint.url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout_s=endpoint.timeout_s,
            ) as response:
                if response.status // 100 == 2:
                    return ""
                return f"bad response status {response.status} {response.reason}"
        except TimeoutError:
            return f"no answer within {endpoint.timeout_s:g}s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return str(error) or type(error).__name__


def relabelled(alerts: Sequence[OutgoingAlert], relabel: Relabel) -> list[OutgoingAlert]:
    """The alerts that `relabel` keeps, under their new labels."""
    kept = []
    for alert in alerts:
        labels = relabel(alert.labels)
        if labels is not None:
            kept.append(alert if labels == alert.labels else alert.relabelled(labels))
    return kept
