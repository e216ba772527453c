"""What the demo is made of: parts with a name, an address and a life of their own."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from typing import Protocol

from vedette.stack.demo.child import Child


class PartState(enum.StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


class DemoPart(Protocol):
    """`start` returns when the part answers, `stop` when its process is gone; both may be called again."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str:
        """``host:port``, empty for a part that listens on nothing."""
        ...

    @property
    def state(self) -> PartState: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ServerPart(ABC):
    """A part that is one server process. `_start` brings the process up and returns when it answers."""

    _server: Child
    _starting = False
    _failed = False

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
            await self._start()
            self._failed = False
        finally:
            self._starting = False

    async def stop(self) -> None:
        await self._server.stop()

    @abstractmethod
    async def _start(self) -> None: ...
