"""A small pool of PostgreSQL connections: as many as allowed, opened when needed, thrown away when broken."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

Connection = AsyncConnection[tuple[object, ...]]


class Pool:
    def __init__(self, dsn: str, *, size: int = 10, timeout_s: float = 3.0) -> None:
        self._dsn = dsn
        self._free: list[Connection] = []
        self._slots = asyncio.Semaphore(size)
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode. Raises `psycopg.OperationalError`, or `TimeoutError` when none is free."""
        async with asyncio.timeout(self._timeout_s):
            await self._slots.acquire()
        connection: Connection | None = None
        try:
            while self._free and connection is None:
                candidate = self._free.pop()
                if not candidate.broken and not candidate.closed:
                    connection = candidate
            if connection is None:
                connection = await AsyncConnection.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=max(2, round(self._timeout_s)),
                    application_name="automation-orchestrator",
                )
            yield connection
        except BaseException:
            # Perhaps in the middle of an answer: not to be used again.
            if connection is not None:
                with contextlib.suppress(Exception):
                    await connection.close()
                connection = None
            raise
        finally:
            if connection is not None:
                self._free.append(connection)
            self._slots.release()

    async def close(self) -> None:
        while self._free:
            await self._free.pop().close()
