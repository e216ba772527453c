"""Alerts waiting for one Alertmanager: bounded, and the oldest go first when there is no room."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from vedette.metrics.notifier.alert import OutgoingAlert


class AlertQueue:
    """Belongs to one event loop."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._waiting: deque[OutgoingAlert] = deque()
        self._filled = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, alerts: Sequence[OutgoingAlert]) -> int:
        """Adds at the end; returns how many of the oldest were dropped for them."""
        if self._closed:
            return len(alerts)
        self._waiting.extend(alerts)
        dropped = max(0, len(self._waiting) - self.capacity)
        for _ in range(dropped):
            self._waiting.popleft()
        if self._waiting:
            self._filled.set()
        return dropped

    async def take(self, most: int) -> list[OutgoingAlert]:
        """The next alerts, at least one; none once the queue is closed and empty."""
        while not self._waiting and not self._closed:
            self._filled.clear()
            await self._filled.wait()
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def close(self) -> None:
        """Nothing more comes in; `take` gives what is left."""
        self._closed = True
        self._filled.set()
