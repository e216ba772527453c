"""The one connection to a server, kept between scrapes: a server at ``maxclients`` still says that it is."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

from vedette.exporters.redis.address import Address
from vedette.exporters.redis.resp import ErrorReply, RespConnection, Value


class ScrapeFailed(Exception):
    """The server can't be reached or refuses us. `str()` is short, of few different kinds, and names nobody."""


class KeptConnection:
    """Opens when needed, again after it broke. Belongs to one scrape at a time."""

    def __init__(self, address: Address, *, timeout_s: float, client_name: str | None) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._client_name = client_name
        self._connection: RespConnection | None = None
        self.connect_seconds = 0.0

    async def open(self) -> None:
        """Connected and alive, or `ScrapeFailed`."""
        if self._connection is not None:
            try:
                await self._ask("PING")
                return
            except (ErrorReply, OSError):  # restarted since the last scrape, or asks for a password now
                await self.close()
        started = time.perf_counter()
        try:
            self._connection = await RespConnection.open(
                self._address.place, timeout_s=self._timeout_s, client_name=self._client_name
            )
            await self._ask("PING")
        except (ErrorReply, OSError) as error:
            await self.close()
            raise ScrapeFailed(reason(error)) from None
        self.connect_seconds = time.perf_counter() - started

    async def ask(self, *command: str) -> Any:
        """The reply; None where the server doesn't know the command or doesn't allow it. Raises `ScrapeFailed`."""
        try:
            return await self._ask(*command)
        except ErrorReply:
            return None
        except OSError as error:
            await self.close()
            raise ScrapeFailed(reason(error)) from None

    async def _ask(self, *command: str) -> Value:
        assert self._connection is not None
        return await self._connection.ask(*command)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def reason(error: ErrorReply | OSError) -> str:
    """Why, in a few fixed words: it becomes a label value."""
    text = str(error).lower()
    if isinstance(error, ErrorReply):
        if (
            error.code in ("NOAUTH", "WRONGPASS", "NOPERM")
            or "password" in text
            or "invalid username" in text
        ):
            return "authentication failed"
        return "max number of clients reached" if "max number of clients" in text else "unexpected reply"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError) or "connect call failed" in text:
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, ssl.SSLError) or "certificate" in text:
        return "TLS handshake failed"
    return "connection lost"
