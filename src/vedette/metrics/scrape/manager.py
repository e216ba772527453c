"""All jobs of the role: from a configuration to samples in the store."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry

from vedette.config.log import get_logger
from vedette.config.problems import ConfigError, Problem
from vedette.metrics.config.config import Config
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.config.sd import Discovery
from vedette.metrics.contract import Storage
from vedette.metrics.discovery import DiscoveryManager, DiscoveryMetrics, Group
from vedette.metrics.discovery.manager import THROTTLE_SECONDS
from vedette.metrics.scrape.loop import ScrapeLoop, Shared
from vedette.metrics.scrape.observed import MetadataCollector, ScrapeMetrics
from vedette.metrics.scrape.pool import ScrapePool
from vedette.metrics.scrape.snapshot import (
    ActiveTarget,
    DroppedTarget,
    Metadata,
    Targets,
    active_target,
    metadata_of,
)

_log = get_logger("metrics.scrape")

# Pages are unpacked, read and stored here; the kernels release the GIL.
_WRITERS = 2


class ScrapeManager:
    """Scrapes what a configuration says. Use as an async context manager; `apply` gives it work.

    `listen_address` and `external_url` are the role's own: they decide under which address targets on this machine are
    shown to people elsewhere.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        registry: CollectorRegistry,
        discovery_metrics: DiscoveryMetrics | None = None,
        executor: Executor | None = None,
        listen_address: str = "",
        external_url: str = "",
        throttle_s: float = THROTTLE_SECONDS,
    ) -> None:
        self._storage = storage
        self._metrics = ScrapeMetrics(registry)
        self._own_executor = executor is None
        self._executor = executor or ThreadPoolExecutor(_WRITERS, thread_name_prefix="scrape")
        self._listen, self._external = listen_address, external_url
        self._shared = Shared(storage, self._metrics, self._executor, 0)
        self._pools: dict[str, ScrapePool] = {}
        registry.register(MetadataCollector(self._metadata_sizes))
        self._discovery = DiscoveryManager(
            "scrape", self._sync, discovery_metrics or DiscoveryMetrics(registry), throttle_s=throttle_s
        )
        self._retiring: set[asyncio.Task[None]] = set()
        self._applying = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._discovery.stop()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))
        self._pools = {}
        if self._own_executor:
            self._executor.shutdown()

    async def apply(self, config: Config) -> None:
        """Scrapes `config`'s jobs from now on; jobs and targets that stay as they were go on undisturbed.

        Raises `ConfigError`, with everything as it was, when a job's certificates can't be read.
        """
        async with self._applying:
            await self._apply(config)

    async def _apply(self, config: Config) -> None:
        seed = _seed(config)
        if seed != self._shared.seed:
            self._shared = Shared(self._storage, self._metrics, self._executor, seed)
        fresh = await self._start_changed(config.jobs)
        before, self._pools = self._pools, {}
        replaced: dict[str, ScrapePool] = {}
        for job in config.jobs:
            name = job.job_name
            new = fresh.get(name)
            if new is None:
                self._pools[name] = before.pop(name)
                continue
            self._pools[name] = new
            if name in before:
                replaced[name] = before.pop(name)
                await _stop_loops(replaced[name])
                self._metrics.reloads.inc()
        known = self._discovery.groups()
        for name, old in replaced.items():
            # Before discovery speaks again, so that the series of the old loops find their successors.
            self._pools[name].sync(known.get(name, ()), inherit=old)
        await self._discovery.apply({job.job_name: _only_discovery(job) for job in config.jobs})
        for name, old in [*replaced.items(), *before.items()]:
            self._let_go(old, self._pools.get(name))
        for name in before:
            self._metrics.forget_job(name)

    async def _start_changed(self, jobs: Sequence[ScrapeConfig]) -> dict[str, ScrapePool]:
        """Pools of new and changed jobs, started; none is when one fails."""
        made: dict[str, ScrapePool] = {}
        problems = []
        for job in jobs:
            old = self._pools.get(job.job_name)
            if old is not None and old.config == job and old.config.base_dir == job.base_dir:
                continue
            pool = ScrapePool(job, self._shared)
            try:
                await pool.start()
            except OSError as error:
                what = f'job "{job.job_name}": tls_config can\'t be used: {error}'
                problems.append(Problem(str(job.base_dir), 0, 0, "scrape_configs", what))
                continue
            made[job.job_name] = pool
        if problems:
            self._metrics.reloads_failed.inc()
            await asyncio.gather(*(pool.stop() for pool in made.values()))
            raise ConfigError(problems)
        return made

    def _sync(self, groups: Mapping[str, Sequence[Group]]) -> None:
        for name, pool in self._pools.items():
            pool.sync(groups.get(name, ()))

    def _let_go(self, old: ScrapePool, successor: ScrapePool | None) -> None:
        task = asyncio.create_task(old.finish(successor), name=f"retire job {old.job}")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    # --- what is shown ---

    def targets(self, pool: str = "") -> Targets:
        """Every target of one pool, or of all."""
        active: list[ActiveTarget] = []
        dropped: list[DroppedTarget] = []
        counts = {}
        for name, found in sorted(self._pools.items()):
            if pool and name != pool:
                continue
            active += [active_target(loop, self._listen, self._external) for loop in found.loops]
            dropped += [DroppedTarget(labels, name) for labels in found.dropped]
            counts[name] = found.dropped_count
        return Targets(tuple(active), tuple(dropped), counts)

    def scrape_pools(self) -> list[str]:
        return sorted(self._pools)

    def pool_config(self, pool: str) -> ScrapeConfig | None:
        found = self._pools.get(pool)
        return None if found is None else found.config

    def metadata(self) -> Iterator[tuple[ActiveTarget, Metadata]]:
        """What each target says about its metrics, family by family."""
        for _, loop in self._loops():
            target = active_target(loop, self._listen, self._external)
            for found in metadata_of(loop.metadata_lines()):
                yield target, found

    def _metadata_sizes(self) -> Iterator[tuple[str, int, int]]:
        """Job, metric families with metadata, bytes of metadata; for the role's ``/metrics``, from any thread."""
        for name, pool in list(self._pools.items()):
            lines = [line for loop in pool.loops for line in loop.metadata_lines()]
            yield name, len({found.metric for found in metadata_of(lines)}), sum(map(len, lines))

    def _loops(self) -> Iterator[tuple[str, ScrapeLoop]]:
        for name, pool in sorted(self._pools.items()):
            for loop in pool.loops:
                yield name, loop


async def _stop_loops(pool: ScrapePool) -> None:
    await asyncio.gather(*(loop.stop() for loop in pool.loops))


def _only_discovery(job: ScrapeConfig) -> Discovery:
    return Discovery.model_construct(**{name: getattr(job, name) for name in Discovery.model_fields})


def _seed(config: Config) -> int:
    """Spreads the same target's scrapes over the interval on different servers."""
    text = f"{socket.gethostname()}\0{config.external_labels}"
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")
