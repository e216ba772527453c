"""``/health`` and ``/health/detailed``: the guide's answers, without its faults.

All dependencies are asked at once, with a time limit; requests that come while they are being asked share the answer.
An application that lacks one of them is ``degraded``, with status 503.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psutil

from vedette.app.checks import Check, words

HEALTHY = "healthy"
NOT_CONFIGURED = "not configured"
MIB = 1 << 20


@dataclass(frozen=True)
class CheckResult:
    healthy: bool
    text: str  # ``healthy``, or ``unhealthy: `` and why


class Health:
    """`checks` by name; ``database`` and ``redis`` are always in the answer."""

    def __init__(self, checks: Mapping[str, Check], *, version: str, timeout_s: float = 2.0) -> None:
        self._checks = dict(checks)
        self._version = version
        self._timeout_s = timeout_s
        self._asking: asyncio.Task[dict[str, CheckResult]] | None = None
        self._process = psutil.Process()
        self._process.cpu_percent(
            interval=None
        )  # the first call only sets the mark that later ones measure from

    def basic(self) -> dict[str, Any]:
        return {"status": HEALTHY, "timestamp": datetime.now(UTC).isoformat(), "version": self._version}

    async def detailed(self) -> tuple[int, dict[str, Any]]:
        """(status code, answer)."""
        results = await self._ask_once()
        healthy = all(result.healthy for result in results.values())
        answer: dict[str, Any] = {
            "status": HEALTHY if healthy else "degraded",
            "database": NOT_CONFIGURED,
            "redis": NOT_CONFIGURED,
            **{name: result.text for name, result in results.items()},
            "uptime": round(time.time() - self._process.create_time(), 1),
            "memory_usage": round(self._process.memory_info().rss / MIB, 2),
            "cpu_usage": self._process.cpu_percent(interval=None),
            "timestamp": datetime.now(UTC).isoformat(),
            "version": self._version,
        }
        return 200 if healthy else 503, answer

    async def _ask_once(self) -> dict[str, CheckResult]:
        loop = asyncio.get_running_loop()
        if self._asking is None or self._asking.done() or self._asking.get_loop() is not loop:
            self._asking = loop.create_task(self._ask_all())
        return await asyncio.shield(self._asking)

    async def _ask_all(self) -> dict[str, CheckResult]:
        results = await asyncio.gather(*(self._ask(check) for check in self._checks.values()))
        return dict(zip(self._checks, results, strict=True))

    async def _ask(self, check: Check) -> CheckResult:
        task = asyncio.ensure_future(check())
        try:
            # Not wait_for: a check that doesn't heed being cancelled must not hold the answer up.
            done, _ = await asyncio.wait({task}, timeout=self._timeout_s)
            if not done:
                task.cancel()
                task.add_done_callback(_forget)
                return CheckResult(False, "unhealthy: timeout")
            task.result()
        except Exception as error:
            return CheckResult(False, f"unhealthy: {words(error)}")
        return CheckResult(True, HEALTHY)


def _forget(task: asyncio.Future[None]) -> None:
    """Takes a late failure's exception, so that nobody complains that it was never looked at."""
    if not task.cancelled():
        task.exception()
