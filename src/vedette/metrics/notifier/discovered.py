"""Keeps the notifier's Alertmanagers in step with discovery."""

from __future__ import annotations

import asyncio

from vedette.metrics.config import AlertingConfig, AlertmanagerConfig
from vedette.metrics.discovery import DiscoveryManager, DiscoveryMetrics, Group
from vedette.metrics.discovery.manager import Groups
from vedette.metrics.notifier.endpoints import Found, endpoints_of
from vedette.metrics.notifier.notifier import Notifier
from vedette.metrics.notifier.sender import Endpoint, Relabel
from vedette.metrics.relabel import RelabelConfig, process
from vedette.model.labels import Labels


class DiscoveredAlertmanagers:
    """Runs the discoveries of ``alerting.alertmanagers`` and hands what they find to a `Notifier`."""

    def __init__(self, notifier: Notifier, metrics: DiscoveryMetrics) -> None:
        self._notifier = notifier
        self._manager = DiscoveryManager("notify", self._on_groups, metrics)
        self._configs: dict[str, AlertmanagerConfig] = {}
        self._changed = asyncio.Event()
        self._found: list[Found] = []
        self._task: asyncio.Task[None] | None = None
        self.dropped: list[str] = []

    async def apply(self, config: AlertingConfig, external_labels: Labels) -> None:
        """These Alertmanagers from now on; the written ones are in use when this returns."""
        self._notifier.configure(external_labels, relabelling(config.alert_relabel_configs))
        self._configs = {f"config-{index}": group for index, group in enumerate(config.alertmanagers)}
        await self._manager.apply(self._configs)
        await self._use_found()
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="alertmanager discovery")

    async def stop(self) -> None:
        await self._manager.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _on_groups(self, groups: Groups) -> None:
        self._found = [
            endpoints_of(config, [labels for group in groups.get(job, ()) for labels in _targets(group)])
            for job, config in self._configs.items()
        ]
        self.dropped = [url for found in self._found for url in found.dropped]
        self._changed.set()

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            await self._use_found()

    async def _use_found(self) -> None:
        self._changed.clear()
        endpoints: list[tuple[Endpoint, Relabel]] = []
        for found, config in zip(self._found, self._configs.values(), strict=False):
            relabel = relabelling(config.alert_relabel_configs)
            endpoints += [(endpoint, relabel) for endpoint in found.endpoints]
        await self._notifier.use(endpoints)


def _targets(group: Group) -> list[Labels]:
    return [Labels({**group.labels, **target}) for target in group.targets]


def relabelling(configs: tuple[RelabelConfig, ...]) -> Relabel:
    def relabel(labels: Labels) -> Labels | None:
        return process(labels, configs) if configs else labels

    return relabel
