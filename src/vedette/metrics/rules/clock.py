"""Where schedules get the time from, so that tests need not wait for it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...

    async def sleep_until(self, when: int) -> None: ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 10**6

    async def sleep_until(self, when: int) -> None:
        # In pieces, so that a clock that is set does not make us sleep through the day.
        while (rest := when - self.now()) > 0:  # noqa: ASYNC110, time is no event
            await asyncio.sleep(min(rest, 30_000) / 1000)
