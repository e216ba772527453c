"""The demo's application as a part: its own process, restarted like any other."""

from __future__ import annotations

import asyncio
import sys
import time

from vedette.stack.demo.child import Child, ChildFailed
from vedette.stack.demo.layout import DemoLayout
from vedette.stack.demo.part import PartState

START_LIMIT_S = 20.0


class ApiPart:
    name = "api"

    def __init__(self, layout: DemoLayout, *, database_url: str, redis_url: str) -> None:
        self._layout = layout
        self._server = Child(
            [
                *(sys.executable, "-m", "vedette.stack.demo.orchestrator", "--listen", self.address),
                *("--log-file", layout.app_log, "--conditions", layout.conditions_file),
            ],
            layout.log_of(self.name),
            env={"DATABASE_URL": database_url, "REDIS_URL": redis_url},
        )
        self._starting = False
        self._failed = False

    @property
    def address(self) -> str:
        return f"{self._layout.api_host}:{self._layout.api_port}"

    @property
    def pid(self) -> int | None:
        return self._server.pid

    @property
    def state(self) -> PartState:
        if self._starting:
            return PartState.STARTING
        if self._server.running:
            return PartState.RUNNING
        return PartState.FAILED if self._failed else PartState.STOPPED

    async def start(self) -> None:
        """Raises `ChildFailed`."""
        self._starting, self._failed = True, True
        try:
            await self._server.start()
            await self._wait_ready()
            self._failed = False
        finally:
            self._starting = False

    async def stop(self) -> None:
        await self._server.stop()

    async def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        host = "127.0.0.1" if self._layout.api_host in ("0.0.0.0", "::") else self._layout.api_host
        while True:
            self._server.check()
            try:
                _, writer = await asyncio.open_connection(host, self._layout.api_port)
            except OSError:
                if time.monotonic() > deadline:
                    raise ChildFailed("the application does not listen") from None
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
