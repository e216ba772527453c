"""A clock that moves only when a test says so, and an executor that works at once."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class VirtualClock:
    def __init__(self, now: int = 0) -> None:
        self._now = now
        self._order = 0
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self._now

    async def sleep_until(self, when: int) -> None:
        if when <= self._now:
            await asyncio.sleep(0)
            return
        self._order += 1
        waking = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (when, self._order, waking))
        await waking

    async def advance_to(self, when: int) -> None:
        """Wakes every sleeper due until `when`, each at its time, and lets it run until it sleeps again."""
        await settle()
        while self._sleepers and self._sleepers[0][0] <= when:
            due, _, waking = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not waking.done():
                waking.set_result(None)
            await settle()
        self._now = when
        await settle()

    def leap(self, milliseconds: int) -> None:
        """Time passes while nobody runs."""
        self._now += milliseconds


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class InlineExecutor(Executor):
    """Runs a call where it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:
            done.set_exception(error)
        return done
