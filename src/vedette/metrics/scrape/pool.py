"""The targets of one job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from vedette.client import HttpClient
from vedette.config.log import get_logger
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.discovery.group import Group
from vedette.metrics.scrape.failures import FailureLog
from vedette.metrics.scrape.fetch import USER_AGENT
from vedette.metrics.scrape.loop import ScrapeLoop, Shared
from vedette.metrics.scrape.target import Target, TargetError, make_target
from vedette.model.labels import Labels

_log = get_logger("metrics.scrape")


class ScrapePool:
    """Keeps a loop for each distinct target of a job. `start` before use, `stop` at the end."""

    def __init__(self, config: ScrapeConfig, shared: Shared) -> None:
        self.config = config
        self._shared = shared
        # No limit of connections: a target must not wait for another one's answer.
        self._client = HttpClient(config, base_dir=config.base_dir, user_agent=USER_AGENT, connections=0)
        self._failures = (
            FailureLog(config.scrape_failure_log_file) if config.scrape_failure_log_file else None
        )
        self._loops: dict[tuple[Labels, str], ScrapeLoop] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._dropped: list[Labels] = []
        self.dropped_count = 0

    @property
    def job(self) -> str:
        return self.config.job_name

    @property
    def loops(self) -> Sequence[ScrapeLoop]:
        return list(self._loops.values())

    @property
    def dropped(self) -> Sequence[Labels]:
        """Discovered labels of targets that relabelling dropped, as many as are kept."""
        return self._dropped

    async def start(self) -> None:
        """Raises `OSError` when certificates can't be read."""
        self._shared.metrics.pools.inc()
        try:
            await self._client.__aenter__()
        except OSError:
            self._shared.metrics.pools_failed.inc()
            raise
        self._shared.metrics.pool_target_limit.labels(self.job).set(self.config.target_limit)

    async def stop(self) -> None:
        """Ends every scrape at once, without stale markers."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(
            *(loop.stop() for loop in self._loops.values()), *self._retiring, return_exceptions=True
        )
        await self._client.__aexit__(None, None, None)
        if self._failures is not None:
            self._failures.close()

    def sync(self, groups: Sequence[Group], inherit: ScrapePool | None = None) -> None:
        """These groups' targets from now on. Loops of targets that stay are not touched.

        `inherit` is the stopped pool of the same job under another configuration: its targets' series go on.
        """
        started = time.perf_counter()
        wanted = self._targets(groups)
        for key, target in wanted.items():
            if key not in self._loops:
                loop = ScrapeLoop(target, self.config, self._client, self._shared, failures=self._failures)
                before = inherit.find(target) if inherit else None
                if before is not None:
                    loop.adopt(before)
                self._loops[key] = loop
                loop.start()
        for key in [key for key in self._loops if key not in wanted]:
            self._retire(self._loops.pop(key))
        self._check_limit()
        metrics = self._shared.metrics
        metrics.pool_targets.labels(self.job).set(len(self._loops))
        metrics.syncs.labels(self.job).inc()
        metrics.sync_length.observe(self.job, time.perf_counter() - started)

    def find(self, target: Target) -> ScrapeLoop | None:
        """The loop whose samples have the labels that `target`'s will have."""
        exact = self._loops.get(target.key)
        if exact is not None:
            return exact
        return next((loop for loop in self._loops.values() if loop.target.labels == target.labels), None)

    async def finish(self, successor: ScrapePool | None) -> None:
        """Ends a pool that was replaced or removed.

        Targets that `successor` doesn't go on with get stale markers first, which takes two of their intervals.
        """
        ending = [loop for loop in self.loops if successor is None or successor.find(loop.target) is None]
        try:
            await asyncio.gather(*(loop.retire() for loop in ending), *self._retiring)
        finally:
            await self.stop()

    def _targets(self, groups: Sequence[Group]) -> dict[tuple[Labels, str], Target]:
        found: dict[tuple[Labels, str], Target] = {}
        dropped: list[Labels] = []
        count, failed = 0, 0
        keep = self.config.keep_dropped_targets
        for group in groups:
            for index, own in enumerate(group.targets):
                try:
                    made = make_target(own, group, self.config)
                except TargetError as error:
                    failed += 1
                    _log.error(
                        "Creating target failed",
                        err=f"instance {index} in group {group.source}: {error}",
                        scrape_pool=self.job,
                    )
                    continue
                if isinstance(made, Target):
                    found.setdefault(made.key, made)
                else:
                    count += 1
                    if not keep or len(dropped) < keep:
                        dropped.append(made)
        self._dropped, self.dropped_count = dropped, count
        self._shared.metrics.sync_failed.labels(self.job).inc(failed)
        return found

    def _retire(self, loop: ScrapeLoop) -> None:
        task = asyncio.create_task(loop.retire(), name=f"retire {loop.target.url}")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _check_limit(self) -> None:
        limit = self.config.target_limit
        error = ""
        if limit and len(self._loops) > limit:
            self._shared.metrics.target_limit_exceeded.inc()
            error = f"target_limit exceeded (number of targets: {len(self._loops)}, limit: {limit})"
        for loop in self._loops.values():
            loop.forced_error = error
