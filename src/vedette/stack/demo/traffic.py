"""Gentle traffic: a few requests a second, of the kinds that a day has, now and then one that goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from vedette.stack.demo.layout import DemoLayout
from vedette.stack.demo.part import PartState


@dataclass(frozen=True)
class Visit:
    method: str
    path: str
    json: Any = None


def _workflow() -> int:
    return random.randint(1, 20)


def _login() -> Visit:
    user = random.choice(("ada", "bob", "eve"))
    return Visit("POST", "/login", {"user": user, "password": "correct" if user != "eve" else "guess"})


# Share of the visits, and how one is made. Failures stay below the alerts' thresholds.
MIX: tuple[tuple[float, Callable[[], Visit]], ...] = (
    (0.48, lambda: Visit("GET", "/fast")),
    (0.14, lambda: Visit("GET", "/workflows")),
    (0.14, lambda: Visit("GET", f"/workflows/{_workflow()}")),
    (0.12, lambda: Visit("POST", f"/workflows/{_workflow()}/run")),
    (0.05, _login),
    (0.035, lambda: Visit("GET", "/reports/daily")),
    (0.02, lambda: Visit("GET", "/slow")),
    (0.01, lambda: Visit("GET", "/failing")),
    (0.005, lambda: Visit("GET", "/no-such-page")),
)
WEIGHTS = [share for share, _ in MIX]


def next_visit() -> Visit:
    return random.choices([make for _, make in MIX], WEIGHTS)[0]()


class TrafficPart:
    """Visitors, as tasks of this process. At most `at_once` wait for an answer: a slow application is not flooded."""

    name = "traffic"
    address = ""

    def __init__(self, layout: DemoLayout, *, per_second: float = 6.0, at_once: int = 20) -> None:
        host = "127.0.0.1" if layout.api_host in ("0.0.0.0", "::") else layout.api_host
        self._base = f"http://{host}:{layout.api_port}"
        self._per_second = per_second
        self._at_once = at_once
        self._task: asyncio.Task[None] | None = None
        self.visits = 0

    @property
    def state(self) -> PartState:
        running = self._task is not None and not self._task.done()
        return PartState.RUNNING if running else PartState.STOPPED

    async def start(self) -> None:
        if self.state is not PartState.RUNNING:
            self._task = asyncio.create_task(self._run(), name="demo traffic")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        visitors: set[asyncio.Task[None]] = set()
        timeout = aiohttp.ClientTimeout(total=15)
        try:
            async with aiohttp.ClientSession(self._base, timeout=timeout) as session:
                while True:
                    await asyncio.sleep(min(2.0, random.expovariate(self._per_second)))
                    if len(visitors) < self._at_once:
                        task = asyncio.create_task(self._visit(session, next_visit()))
                        visitors.add(task)
                        task.add_done_callback(visitors.discard)
        finally:
            for task in visitors:
                task.cancel()

    async def _visit(self, session: aiohttp.ClientSession, visit: Visit) -> None:
        self.visits += 1
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with session.request(visit.method, visit.path, json=visit.json) as answer:
                await answer.read()
