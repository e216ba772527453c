"""Keeps processes running: starts them, watches their doors, restarts what dies, ends them in order.

A process that dies is started again after a pause that doubles from half a second to half a minute, and begins at half
a second again once it has been ready for a minute. Standard output and error of each go to a file of its own, which
is turned over at 10 MiB.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vedette.config.log import get_logger

log = get_logger("stack.supervisor")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
STOP_GRACE_S = 4.0
# Of that, what those that send have before those that store are told to end.
SENDERS_GRACE_S = 2.5
PROBE_EVERY_S = 0.25
LOG_BYTES = 10 << 20
TAIL_LINES = 20


class State(enum.StrEnum):
    STARTING = "starting"
    READY = "ready"
    UNREADY = "not ready"
    CRASHED = "crashed"
    STOPPED = "stopped"


@dataclass(slots=True)
class Door:
    """Something a process answers for: a role and the URL that says whether it is ready."""

    role: str
    host: str
    port: int
    ready_path: str
    original: str = ""
    state: State = State.STARTING

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(slots=True)
class ProcessSpec:
    """What to run. `doors` are asked for readiness; a process without doors is ready while it lives.

    One that `stores` is ended after the others, which may have something left to send to it.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    doors: Sequence[Door] = ()
    stores: bool = False


class Process:
    """One supervised process, over its restarts."""

    def __init__(self, spec: ProcessSpec, log_dir: Path, on_change: Callable[[], None]) -> None:
        self.spec = spec
        self.restarts = 0
        self.last_exit: str = ""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._log_path = log_dir / f"{spec.name}.log"
        self._on_change = on_change
        self._child: asyncio.subprocess.Process | None = None
        self._ready_since: float | None = None
        self._reload_when_ready = False
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    @property
    def ready(self) -> bool:
        return self.pid is not None and all(d.state is State.READY for d in self.spec.doors)

    async def run(self) -> None:
        """Until `stop`: start, watch, and start again."""
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            self._ready_since = None
            try:
                await self._run_once()
            except OSError as error:
                self.last_exit = f"can't be started: {error}"
            if self._stopping.is_set():
                break
            if self._ready_since is not None and time.monotonic() - self._ready_since > STEADY_S:
                pause = FIRST_PAUSE_S
            self._set_all(State.CRASHED)
            log.error(
                "process ended, starting it again",
                process=self.spec.name,
                exit=self.last_exit,
                pause_s=pause,
                last=self.tail[-1] if self.tail else "",
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            self.restarts += 1
        self._set_all(State.STOPPED)

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, then after a grace SIGKILL. Returns when the process is gone."""
        self._stopping.set()
        child = self._child
        if child is None or child.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(child.wait(), grace_s)
        except TimeoutError:
            log.warning("did not stop in time, killing it", process=self.spec.name, pid=child.pid)
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    def reload(self) -> None:
        """SIGHUP; for a process that is only starting, which would die of it, as soon as it is ready."""
        if self._ready_since is None:
            self._reload_when_ready = True
        elif self._child is not None and self._child.returncode is None:
            self._child.send_signal(signal.SIGHUP)

    async def _run_once(self) -> None:
        self._set_all(State.STARTING)
        self._child = await asyncio.create_subprocess_exec(
            *self.spec.argv,
            env={**os.environ, **self.spec.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C in the terminal reaches the supervisor alone, which ends its processes in order.
            start_new_session=True,
        )
        if self._stopping.is_set():
            # stop() came before there was a process to end.
            self._child.terminate()
        copying = asyncio.create_task(self._copy_output(self._child))
        probing = asyncio.create_task(self._probe())
        try:
            code = await self._child.wait()
        finally:
            probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await probing
            await copying
        self.last_exit = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def _copy_output(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        pending = b""
        while chunk := await child.stdout.read(65536):
            if self._log_path.exists() and self._log_path.stat().st_size > LOG_BYTES:
                self._log_path.replace(self._log_path.with_suffix(".log.1"))
            with self._log_path.open("ab") as out:
                out.write(chunk)
            *lines, pending = (pending + chunk).split(b"\n")
            self.tail.extend(line.decode("utf-8", "replace") for line in lines)
            pending = pending[-4096:]
        if pending:
            self.tail.append(pending.decode("utf-8", "replace"))

    async def _probe(self) -> None:
        while True:
            for door in self.spec.doors:
                answered = await ask_ready(door)
                before = door.state
                if answered:
                    door.state = State.READY
                elif before is State.READY:
                    door.state = State.UNREADY
                if door.state is not before:
                    self._on_change()
            if self.ready and self._ready_since is None:
                self._ready_since = time.monotonic()
                if self._reload_when_ready:
                    self._reload_when_ready = False
                    self.reload()
                self._on_change()
            await asyncio.sleep(PROBE_EVERY_S if self._ready_since is None else PROBE_EVERY_S * 8)

    def _set_all(self, state: State) -> None:
        for door in self.spec.doors:
            door.state = state
        self._on_change()


async def ask_ready(door: Door, timeout_s: float = 2.0) -> bool:
    """Whether the door answers its ready URL with 200. Without a path: whether it accepts a connection."""
    try:
        async with asyncio.timeout(timeout_s):
            host = "127.0.0.1" if door.host in ("0.0.0.0", "::") else door.host
            reader, writer = await asyncio.open_connection(host, door.port)
            try:
                if not door.ready_path:
                    return True
                writer.write(
                    f"GET {door.ready_path} HTTP/1.1\r\nHost: {host}:{door.port}\r\nConnection: close\r\n\r\n".encode()
                )
                status = await reader.readline()
                return status.split(b" ")[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return False


class Supervisor:
    """All processes of one `vedette up`."""

    def __init__(
        self, specs: Sequence[ProcessSpec], log_dir: Path, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self.processes = [Process(spec, log_dir, on_change) for spec in specs]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def doors(self) -> list[Door]:
        return [door for process in self.processes for door in process.spec.doors]

    @property
    def ready(self) -> bool:
        return all(process.ready for process in self.processes)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(p.run(), name=f"supervise {p.spec.name}") for p in self.processes]

    async def stop(self) -> None:
        """Ends every process within the grace: those that send, and then those that store."""
        deadline = time.monotonic() + STOP_GRACE_S
        senders = asyncio.gather(*(p.stop(STOP_GRACE_S) for p in self.processes if not p.spec.stores))
        await asyncio.wait([senders], timeout=min(SENDERS_GRACE_S, STOP_GRACE_S))
        left_s = deadline - time.monotonic()
        await asyncio.gather(senders, *(p.stop(left_s) for p in self.processes if p.spec.stores))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reload(self) -> None:
        for process in self.processes:
            process.reload()
