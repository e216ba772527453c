"""Running roles: sockets, signals and one orderly lifetime for everything in a process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import uvicorn
import uvloop
from starlette.types import ASGIApp

from vedette.config.log import get_logger
from vedette.config.problems import ConfigError
from vedette.web.memory import give_back
from vedette.web.prompt import http_protocol

log = get_logger("web.role")

# Set by a supervisor: the process ends when the supervisor dies.
SUPERVISED = "VEDETTE_SUPERVISED"
_PR_SET_PDEATHSIG = 1
# glibc's names for what mallopt sets.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3

GIVE_BACK_S = 60.0
TURN_S = 0.0005


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a role's door is. Port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: int = 0

    @classmethod
    def parse(cls, text: str, *, default_host: str = "127.0.0.1") -> Listen:
        """``host:port``, ``:port``, ``[::1]:port`` or ``port``. Raises `ValueError`."""
        host, _, port = text.rpartition(":")
        if not port.isdigit() or int(port) > 65535:
            raise ValueError(f'"{text}" is no listen address; write host:port, such as 127.0.0.1:9090')
        if not host:
            host = "0.0.0.0" if text.startswith(":") else default_host
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Role(Protocol):
    """A door with background services behind it. ``async with role`` starts and stops the services."""

    @property
    def name(self) -> str: ...

    @property
    def listen(self) -> Listen: ...

    @property
    def app(self) -> ASGIApp: ...

    async def __aenter__(self) -> Any: ...

    async def __aexit__(self, *exc: Any) -> Any: ...

    async def reload(self) -> None:
        """Reads the configuration again. Raises `ConfigError`; the old one keeps running then."""
        ...


class AddressInUse(Exception):
    """The door's address is taken. `str()` says whose and what to do."""


def bind(listen: Listen, *, role: str) -> socket.socket:
    """A listening socket. Raises `AddressInUse`."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((listen.host, listen.port))
        sock.listen(1024)
    except OSError as error:
        sock.close()
        reason = {
            errno.EADDRINUSE: "is in use by another program; stop it, or give this role another address",
            errno.EACCES: "needs rights this user does not have; take a port above 1023",
            errno.EADDRNOTAVAIL: "is not an address of this machine",
        }.get(error.errno or 0, f"can't be listened on: {error.strerror}")
        raise AddressInUse(f"{role}: {listen} {reason}") from None
    sock.setblocking(False)
    return sock


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the process has one place for that."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves one ASGI application while entered. `address` is where, once it listens."""

    def __init__(self, app: ASGIApp, listen: Listen, *, role: str = "server", grace_s: float = 2.0) -> None:
        self._app, self._listen, self._role, self._grace = app, listen, role, grace_s
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.address = listen

    async def __aenter__(self) -> Self:
        sock = bind(self._listen, role=self._role)
        self.address = Listen(self._listen.host, sock.getsockname()[1])
        config = uvicorn.Config(
            self._app,
            http=http_protocol(self._app),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=max(1, round(self._grace)),
            timeout_keep_alive=75,
            ws="websockets-sansio",
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[sock]), name=f"{self._role} door")
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None and self._task is not None
        self._server.should_exit = True
        await self._task


async def serve(roles: Sequence[Role], *, stop: asyncio.Event | None = None) -> None:
    """Runs `roles` until `stop` is set or the process is told to end (SIGTERM, SIGINT); SIGHUP reloads."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    background: set[asyncio.Task[None]] = set()

    def reload_all() -> None:
        for role in roles:
            task = asyncio.create_task(_reload(role))
            background.add(task)
            task.add_done_callback(background.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload_all)
    async with contextlib.AsyncExitStack() as stack:
        for role in roles:
            await stack.enter_async_context(role)
            server = await stack.enter_async_context(WebServer(role.app, role.listen, role=role.name))
            log.info("listening", role=role.name, address=server.address)
        gc.collect()
        gc.freeze()  # what is alive now stays: later collections needn't look at it
        giving_back = asyncio.create_task(_give_back_memory(), name="give back memory")
        await stop.wait()
        giving_back.cancel()
        log.info("stopping", roles=",".join(role.name for role in roles))


async def _reload(role: Role) -> None:
    try:
        await role.reload()
    except ConfigError as error:
        for problem in error.problems:
            log.error("reload refused, the old configuration keeps running", role=role.name, problem=problem)
    else:
        log.info("configuration reloaded", role=role.name)


def run_roles(roles: Sequence[Role]) -> int:
    """Serves `roles` until told to end; the exit code. Faults are printed as sentences, not tracebacks."""
    follow_supervisor()
    _keep_freed_memory_at_hand()
    take_short_turns()
    try:
        uvloop.run(serve(roles))
    except (ConfigError, AddressInUse) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def take_short_turns() -> None:
    """Threads that only compute give way sooner: the event loop asks for its turn after every call to the system, and
    with several queries at work the default of 5 ms adds up to tens of milliseconds for a scrape."""
    sys.setswitchinterval(TURN_S)


def _keep_freed_memory_at_hand() -> None:
    """Buffers that one batch of a query frees serve the next one; else each batch asks the system for fresh pages.

    glibc gives what is free at an arena's end back at once by default; here `_give_back_memory` does it later.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, 32 << 20)
        mallopt(_M_MMAP_THRESHOLD, 8 << 20)


async def _give_back_memory() -> None:
    """Freed memory goes back to the system: after starting, and now and then for what large queries have left."""
    while True:
        await asyncio.to_thread(give_back)
        await asyncio.sleep(GIVE_BACK_S)


def follow_supervisor() -> None:
    """Under a supervisor, asks the kernel to end this process when the supervisor dies."""
    if not os.environ.get(SUPERVISED):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os.kill(os.getpid(), signal.SIGTERM)
