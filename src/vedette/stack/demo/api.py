"""The demo's application as a part: its own process, restarted like any other."""

from __future__ import annotations

import asyncio
import sys
import time

from vedette.stack.demo.child import Child, ChildFailed
from vedette.stack.demo.layout import DemoLayout
from vedette.stack.demo.part import ServerPart

START_LIMIT_S = 20.0


class ApiPart(ServerPart):
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

    @property
    def address(self) -> str:
        return f"{self._layout.api_host}:{self._layout.api_port}"

    async def _start(self) -> None:
        await self._server.start()
        await self._wait_ready()

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
