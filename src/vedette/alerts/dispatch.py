"""Alerts to groups, and groups to the pipeline when their time comes."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Iterable
from time import perf_counter
from types import TracebackType
from typing import Self

from vedette.alerts.alert import Alert
from vedette.alerts.clock import MILLISECOND_NS, SECOND_NS, Clock, wait_until
from vedette.alerts.groups import Group
from vedette.alerts.metrics import AlertsMetrics
from vedette.alerts.pipeline import Flush, Pipeline
from vedette.alerts.routing import Route
from vedette.config.log import get_logger
from vedette.model.labels import Labels

log = get_logger("alerts.dispatch")

MIN_TIMEOUT_NS = 10 * SECOND_NS


class Dispatcher:
    """One configuration at work. Entered, it flushes groups until left; `hear` may be called at any time."""

    def __init__(
        self,
        root: Route,
        pipeline: Pipeline,
        *,
        clock: Clock,
        metrics: AlertsMetrics,
        start_delay: int = 0,
    ) -> None:
        self.root, self.pipeline, self.clock, self.metrics = root, pipeline, clock, metrics
        self._not_before = clock.now() + start_delay
        self._groups: dict[tuple[int, Labels], Group] = {}
        self._heap: list[tuple[int, int, Group]] = []
        self._order = 0
        self._sooner = asyncio.Event()
        self._flushes: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._run(), name="alerts dispatch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is being sent gets a moment to arrive; what is not logged is told again after the restart."""
        assert self._loop is not None
        self._loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop
        if self._flushes:
            await asyncio.wait(self._flushes, timeout=1.5)
        for flush in tuple(self._flushes):
            flush.cancel()
        await asyncio.gather(*self._flushes, return_exceptions=True)

    def hear(self, alert: Alert) -> None:
        started = perf_counter()
        now = self.clock.now()
        for route in self.root.match(alert.labels):
            labels = route.group_labels(alert.labels)
            key = (route.id, labels)
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = Group.begin(route, labels, now)
                group.insert(alert, now)
                self._schedule(group)
                self.metrics.groups.set(len(self._groups))
            elif group.insert(alert, now):
                self._schedule(group)
        self.metrics.processing.observe(perf_counter() - started)

    def hear_all(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            self.hear(alert)

    def groups(self) -> list[Group]:
        return list(self._groups.values())

    def drop_empty(self) -> None:
        for key, group in tuple(self._groups.items()):
            if not group.alerts and not group.flushing:
                del self._groups[key]
        self.metrics.groups.set(len(self._groups))

    def _schedule(self, group: Group) -> None:
        due = max(group.due, self._not_before)
        self._order += 1
        heapq.heappush(self._heap, (due, self._order, group))
        if self._heap[0][2] is group:
            self._sooner.set()

    async def _run(self) -> None:
        while True:
            self._sooner.clear()
            await wait_until(self.clock, self._heap[0][0] if self._heap else None, self._sooner)
            now = self.clock.now()
            while self._heap and self._heap[0][0] <= now:
                due, _, group = heapq.heappop(self._heap)
                known = self._groups.get((group.route.id, group.labels)) is group
                # A group that was hurried has a later place in the queue too, which no longer counts.
                if known and not group.flushing and due >= max(group.due, self._not_before):
                    group.flushing = True
                    task = asyncio.create_task(self._flush(group, now), name="alerts flush")
                    self._flushes.add(task)
                    task.add_done_callback(self._flushes.discard)

    async def _flush(self, group: Group, now: int) -> None:
        alerts = group.begin_flush(now)
        interval = group.route.options.group_interval * MILLISECOND_NS
        flush = Flush(group.route, group.labels, alerts, now, now + max(interval, MIN_TIMEOUT_NS))
        try:
            if alerts and await self.pipeline.run(flush):
                group.forget_told(alerts, now)
        except Exception as error:
            log.error("flush failed", group=flush.key, exc_info=error)
        finally:
            group.flushing = False
            self._schedule(group)
