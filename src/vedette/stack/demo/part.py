"""What the demo is made of: parts with a name, an address and a life of their own."""

from __future__ import annotations

import enum
from typing import Protocol


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
