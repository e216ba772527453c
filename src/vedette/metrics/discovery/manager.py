"""Runs the discoveries of every job and tells what they found, not too often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vedette.config.log import get_logger
from vedette.metrics.config.sd import Discovery
from vedette.metrics.discovery.file import FileDiscoverer
from vedette.metrics.discovery.group import Discoverer, Group
from vedette.metrics.discovery.observed import DiscoveryMetrics
from vedette.metrics.discovery.static import StaticDiscoverer

_log = get_logger("metrics.discovery")

# Updates are handed on at most this often.
THROTTLE_SECONDS = 5.0
_RESTART_SECONDS = 5.0

Groups = Mapping[str, Sequence[Group]]


@dataclass
class _Provider:
    """One discovery of one job."""

    config: object
    task: asyncio.Task[None] | None = None
    groups: dict[str, Group] = field(default_factory=dict)


class DiscoveryManager:
    """Keeps a discovery running for each configuration and calls `on_groups` with everything known, by job.

    A configuration that is still there after `apply` keeps its discovery and what it found.
    """

    def __init__(
        self,
        name: str,
        on_groups: Callable[[Groups], None],
        metrics: DiscoveryMetrics,
        *,
        throttle_s: float = THROTTLE_SECONDS,
    ) -> None:
        self._name = name
        self._on_groups = on_groups
        self._metrics = metrics
        self._throttle = throttle_s
        self._jobs: dict[str, list[_Provider]] = {}
        self._changed = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None

    async def apply(self, jobs: Mapping[str, Discovery]) -> None:
        """These jobs from now on. Their static targets are known to `on_groups` when this returns."""
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        before = self._jobs
        self._jobs = {}
        for job, wanted in jobs.items():
            old = before.get(job, [])
            providers = []
            for config in _configs(wanted):
                kept = next((p for p in old if p.config == config), None)
                if kept is not None:
                    old.remove(kept)
                providers.append(kept or self._start(job, config))
            self._jobs[job] = providers
        for job, left in before.items():
            for provider in left:
                if not any(provider is kept for kept in self._jobs.get(job, ())):
                    await _stop(provider)
            if job not in self._jobs:
                self._forget(job)
        self._metrics.failed_configs.labels(self._name).set(0)
        await asyncio.sleep(0)
        self._hand_on()

    async def stop(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
            self._sender = None
        for providers in self._jobs.values():
            for provider in providers:
                await _stop(provider)
        self._jobs = {}

    def groups(self) -> dict[str, list[Group]]:
        """Everything known now, by job."""
        return {
            job: [
                Group(f"{index}/{group.source}", group.targets, group.labels)
                for index, provider in enumerate(providers)
                for group in provider.groups.values()
            ]
            for job, providers in self._jobs.items()
        }

    def _start(self, job: str, config: object) -> _Provider:
        provider = _Provider(config)
        provider.task = asyncio.create_task(self._run(job, provider, self._discoverer(config)))
        return provider

    def _discoverer(self, config: object) -> Discoverer:
        if isinstance(config, tuple):
            return StaticDiscoverer(config)
        return FileDiscoverer(config, self._metrics)  # type: ignore[arg-type]

    async def _run(self, job: str, provider: _Provider, discoverer: Discoverer) -> None:
        def publish(groups: Sequence[Group]) -> None:
            self._metrics.received.labels(self._name).inc()
            for group in groups:
                if group.targets:
                    provider.groups[group.source] = group
                else:
                    provider.groups.pop(group.source, None)
            self._count(job)
            self._changed.set()

        while True:
            try:
                await discoverer.run(publish)
            except Exception as error:
                # A discovery is never the end of the role.
                _log.error("Service discovery failed; it starts again", job=job, err=repr(error))
                await asyncio.sleep(_RESTART_SECONDS)
            else:
                return

    def _count(self, job: str) -> None:
        targets = sum(
            len(group.targets) for provider in self._jobs.get(job, ()) for group in provider.groups.values()
        )
        self._metrics.discovered.labels(self._name, job).set(targets)

    def _forget(self, job: str) -> None:
        if (self._name, job) in self._metrics.discovered._metrics:
            self._metrics.discovered.remove(self._name, job)

    async def _send(self) -> None:
        last = 0.0
        while True:
            await self._changed.wait()
            rest = last + self._throttle - time.monotonic()
            if rest > 0:
                self._metrics.delayed.labels(self._name).inc()
                await asyncio.sleep(rest)
            self._hand_on()
            last = time.monotonic()

    def _hand_on(self) -> None:
        self._changed.clear()
        for job in self._jobs:
            self._count(job)
        self._metrics.sent.labels(self._name).inc()
        try:
            self._on_groups(self.groups())
        except Exception as error:
            _log.error("Taking over discovered targets failed", name=self._name, err=repr(error))


def _configs(discovery: Discovery) -> list[object]:
    # The static groups of a job are one configuration; each entry of another kind is its own.
    return [*([discovery.static_configs] if discovery.static_configs else []), *discovery.file_sd_configs]


async def _stop(provider: _Provider) -> None:
    if provider.task is not None:
        provider.task.cancel()
        await asyncio.gather(provider.task, return_exceptions=True)
