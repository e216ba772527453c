"""The time, as something that can be handed in. Nanoseconds since the epoch, as the alert API counts."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol

SECOND_NS = 10**9
MILLISECOND_NS = 10**6


class Clock(Protocol):
    def now(self) -> int: ...

    async def sleep_until(self, when: int) -> None: ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns()

    async def sleep_until(self, when: int) -> None:
        await asyncio.sleep(max(0.0, (when - time.time_ns()) / SECOND_NS))


async def wait_until(clock: Clock, when: int | None, sooner: asyncio.Event) -> None:
    """Returns at `when` (None: never), or as soon as `sooner` is set."""
    waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(sooner.wait())}
    if when is not None:
        waits.add(asyncio.ensure_future(clock.sleep_until(when)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
