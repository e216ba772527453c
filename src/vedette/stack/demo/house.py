"""The demo as one process that owns its parts: starts them, starts again what dies, breaks and mends on request.

    python -m vedette.stack.demo --data-dir DIR [--api 127.0.0.1:8000] [--database-port 5433] [--cache-port 6380]

A PostgreSQL or Redis given by DATABASE_URL or REDIS_URL is used instead of one of the
demo's own, and can't be broken from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from vedette.config.log import get_logger
from vedette.stack.demo.api import ApiPart
from vedette.stack.demo.child import ChildFailed
from vedette.stack.demo.conditions import IN_APPLICATION, Kind, parse_kind, write_conditions
from vedette.stack.demo.control import ControlDoor, ControlError
from vedette.stack.demo.layout import DemoLayout
from vedette.stack.demo.part import DemoPart, PartState
from vedette.stack.demo.postgres import PostgresPart
from vedette.stack.demo.traffic import TrafficPart
from vedette.stack.demo.valkey import ValkeyPart

WATCH_EVERY_S = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0

log = get_logger("stack.demo")


class DemoHouse:
    """``async with DemoHouse(layout)``: everything runs, as far as it can be started. `break_` and `mend` kinds."""

    def __init__(
        self,
        layout: DemoLayout,
        *,
        postgres_dsn: str = "",
        redis_url: str = "",
        requests_per_second: float = 6.0,
    ) -> None:
        """Raises `DemoPackageMissing`."""
        self.layout = layout
        self.broken: set[Kind] = set()
        self.parts: dict[Kind | None, DemoPart] = {}
        if not postgres_dsn:
            self.parts[Kind.DATABASE] = PostgresPart(layout)
        if not redis_url:
            self.parts[Kind.REDIS] = ValkeyPart(layout)
        self.parts[Kind.API] = ApiPart(
            layout,
            database_url=postgres_dsn or layout.postgres_dsn("app"),
            redis_url=redis_url or layout.redis_url,
        )
        self.parts[None] = TrafficPart(layout, per_second=requests_per_second)
        self._control = ControlDoor(layout.control_file, self._handle)
        self._changing = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._pauses: dict[str, tuple[float, float]] = {}  # part -> (pause, not before)

    async def __aenter__(self) -> Self:
        write_conditions(self.layout.conditions_file, ())
        await asyncio.gather(*(self._start(part) for part in self.parts.values()))
        await self._control.__aenter__()
        self._watching = asyncio.create_task(self._watch(), name="demo watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        await self._control.__aexit__(None, None, None)
        await self.parts[None].stop()
        await asyncio.gather(*(part.stop() for part in self.parts.values()))

    async def break_(self, kind: Kind) -> None:
        """Creates the condition. Already broken is no fault. Raises `ControlError` for what isn't the demo's."""
        async with self._changing:
            if kind in IN_APPLICATION:
                self.broken.add(kind)
                self._tell_application()
            else:
                part = self._part(kind)
                self.broken.add(kind)
                await part.stop()
            log.info("broken on request", kind=kind.value)

    async def mend(self, kind: Kind) -> None:
        """Clears the condition; returns when what was stopped answers again. Raises `ControlError`."""
        async with self._changing:
            self.broken.discard(kind)
            if kind in IN_APPLICATION:
                self._tell_application()
            else:
                part = self._part(kind)
                if part.state is not PartState.RUNNING and not await self._start(part):
                    raise ControlError(
                        f"{part.name} does not start; its log: {self.layout.log_of(part.name)}"
                    )
            log.info("mended on request", kind=kind.value)

    def status(self) -> dict[str, Any]:
        return {
            "broken": sorted(kind.value for kind in self.broken),
            "parts": [
                {"name": part.name, "address": part.address, "state": part.state.value}
                for part in self.parts.values()
            ],
        }

    def _part(self, kind: Kind) -> DemoPart:
        part = self.parts.get(kind)
        if part is None:
            raise ControlError(f"the {kind.value} was given to the demo: break it where it runs")
        return part

    def _tell_application(self) -> None:
        write_conditions(self.layout.conditions_file, self.broken.intersection(IN_APPLICATION))

    async def _start(self, part: DemoPart) -> bool:
        started = time.monotonic()
        try:
            await part.start()
        except (ChildFailed, OSError) as failure:
            await part.stop()
            log.error("part does not start", part=part.name, reason=failure)
            return False
        log.info(
            "part runs", part=part.name, address=part.address, seconds=round(time.monotonic() - started, 2)
        )
        return True

    async def _watch(self) -> None:
        """Starts again what died by itself, with a pause that doubles."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            for kind, part in self.parts.items():
                async with self._changing:
                    if kind in self.broken or part.state in (PartState.RUNNING, PartState.STARTING):
                        continue
                    pause, not_before = self._pauses.get(part.name, (FIRST_PAUSE_S, 0.0))
                    now = time.monotonic()
                    if now < not_before:
                        continue
                    log.warning("part died, starting it again", part=part.name)
                    if await self._start(part):
                        pause = FIRST_PAUSE_S
                    self._pauses[part.name] = (min(pause * 2, LONGEST_PAUSE_S), time.monotonic() + pause)

    async def _handle(self, do: str, kind: str) -> dict[str, Any]:
        if do in ("break", "mend"):
            try:
                wanted = parse_kind(kind)
            except ValueError as error:
                raise ControlError(str(error)) from None
            await (self.break_ if do == "break" else self.mend)(wanted)
        elif do != "status":
            raise ControlError(f"{do} is not understood")
        return self.status()


def describe(parts: Sequence[dict[str, str]]) -> str:
    """The parts as a small table for people."""
    return "\n".join(f"{part['name']:<10} {part['state']:<10} {part['address']}" for part in parts)
