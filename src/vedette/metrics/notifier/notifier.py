"""Hands every alert to every Alertmanager in use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from vedette.config.log import get_logger
from vedette.metrics.notifier.alert import OutgoingAlert
from vedette.metrics.notifier.observed import NotifierMetrics
from vedette.metrics.notifier.sender import AlertmanagerSender, Endpoint, Relabel, relabelled
from vedette.model.labels import Labels

log = get_logger("metrics.notifier")

DRAIN_SECONDS = 3.0


class Notifier:
    """Belongs to the event loop it is made in; `notify` alone may be called from any thread."""

    def __init__(self, metrics: NotifierMetrics, *, capacity: int = 10_000, batch: int = 256) -> None:
        self._metrics = metrics
        self._capacity = capacity
        self._batch = batch
        self._loop = asyncio.get_running_loop()
        self._senders: dict[str, AlertmanagerSender] = {}
        self._external = Labels()
        self._relabel: Relabel = lambda labels: labels

    def configure(self, external_labels: Labels, relabel: Relabel) -> None:
        """What every alert gets on its way: labels it lacks, then the global `alert_relabel_configs`."""
        self._external, self._relabel = external_labels, relabel

    @property
    def urls(self) -> list[str]:
        return sorted(self._senders)

    async def use(self, endpoints: Iterable[tuple[Endpoint, Relabel]]) -> None:
        """Exactly these Alertmanagers from now on. Unchanged ones keep what waits for them."""
        wanted = {endpoint.url: (endpoint, relabel) for endpoint, relabel in endpoints}
        leaving = []
        for url, sender in list(self._senders.items()):
            if url not in wanted or wanted[url][0] != sender.endpoint:
                leaving.append(self._senders.pop(url))
        # The old sender of an address ends before the new one's series begin.
        await asyncio.gather(*(sender.stop(drain_s=DRAIN_SECONDS) for sender in leaving))
        for url, (endpoint, relabel) in wanted.items():
            if url not in self._senders:
                self._senders[url] = AlertmanagerSender(
                    endpoint, relabel, self._metrics, capacity=self._capacity, batch=self._batch
                )
        self._metrics.discovered.set(len(self._senders))

    def notify(self, alerts: Sequence[OutgoingAlert]) -> None:
        """Queues `alerts` for every Alertmanager. Returns at once."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._enqueue, alerts)

    def _enqueue(self, alerts: Sequence[OutgoingAlert]) -> None:
        labelled = [
            alert.relabelled(Labels([*self._external, *alert.labels])) if self._external else alert
            for alert in alerts
        ]
        kept = relabelled(labelled, self._relabel)
        for sender in self._senders.values():
            sender.put(kept)

    async def stop(self) -> None:
        """Delivers what is queued, as far as Alertmanagers answer."""
        await asyncio.sleep(0)  # what `notify` was given last is still on its way into the queues
        senders, self._senders = list(self._senders.values()), {}
        await asyncio.gather(*(sender.stop(drain_s=DRAIN_SECONDS) for sender in senders))
