"""The one connection to a server, opened once and kept.

A scrape on a server whose connection slots are exhausted still gets its numbers: the alert on exhausted slots
depends on it. Time is bounded on both sides: the server stops a statement after `timeout_s`, and `abort` ends the
wait for a server that answers nothing at all.
"""

from __future__ import annotations

import contextlib
import os
import socket

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.types.numeric import FloatLoader

from vedette.exporters.postgres.collector import Choices, Rows, Server
from vedette.exporters.postgres.source import Source

ABOUT_SERVER = """
    SELECT version(), (SELECT array_agg(extname::text) FROM pg_extension)
"""


class KeptConnection:
    """Opens when needed, again after it broke. Belongs to one scrape at a time."""

    def __init__(self, source: Source, choices: Choices, *, timeout_s: float = 10) -> None:
        self.source = source
        self._choices = choices
        self._timeout_s = timeout_s
        self._connection: AsyncConnection[tuple[object, ...]] | None = None
        self._server: Server | None = None

    async def server(self) -> Server:
        """The server, connected to and alive. Raises `psycopg.Error`, also `OSError`, when it can't be reached."""
        if self._connection is not None:
            try:
                await self._connection.execute("SELECT 1")
            except psycopg.Error:  # restarted since the last scrape
                await self.close()
        if self._connection is None or self._server is None:
            await self.close()
            self._server = await self._open()
        return self._server

    async def rows(self, sql: str) -> Rows:
        assert self._connection is not None
        cursor = await self._connection.execute(sql.encode())
        return await cursor.fetchall()

    @property
    def broken(self) -> bool:
        return self._connection is None or self._connection.broken

    async def _open(self) -> Server:
        parameters = dict(self.source.parameters)
        parameters.setdefault("fallback_application_name", "postgres_exporter")
        parameters.setdefault("connect_timeout", str(max(2, min(5, round(self._timeout_s)))))
        connection = await AsyncConnection.connect(
            make_conninfo("", **parameters), autocommit=True, prepare_threshold=None
        )
        self._connection = connection  # already, so that `abort` ends a wait for the first answer
        try:
            connection.adapters.register_loader("numeric", FloatLoader)
            await connection.execute(f"SET statement_timeout = {int(self._timeout_s * 1000)}".encode())
            cursor = await connection.execute(ABOUT_SERVER)
            version, extensions = await cursor.fetchone() or ("", [])
        except BaseException:
            await self.close()
            raise
        return Server(
            self.source.address,
            connection.info.server_version,
            str(version),
            frozenset(extensions or ()),
            self._choices,
        )

    def abort(self) -> None:
        """Hangs up at once: who waits for an answer gets an error. The next scrape connects anew."""
        connection = self._connection
        if connection is not None and not connection.closed:
            # Of a copy, and shut down instead of closed: the event loop still watches the descriptor.
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        connection, self._connection, self._server = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.close()
