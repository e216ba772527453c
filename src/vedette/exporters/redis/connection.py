"""The one connection to a server, kept between scrapes: a server at ``maxclients`` still says that it is."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from vedette.exporters.redis.address import Address


class ScrapeFailed(Exception):
    """The server can't be reached or refuses us. `str()` is short, of few different kinds, and names nobody."""


class KeptConnection:
    """Opens when needed, again after it broke. Belongs to one scrape at a time."""

    def __init__(self, address: Address, *, timeout_s: float, client_name: str | None) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._client_name = client_name
        self._connection: AbstractConnection | None = None
        self.connect_seconds = 0.0

    async def open(self) -> None:
        """Connected and alive, or `ScrapeFailed`."""
        if self._connection is not None:
            try:
                await self._ask("PING")
                return
            except (RedisError, OSError):  # restarted since the last scrape, or asks for a password now
                await self.close()
        started = time.perf_counter()
        parameters = dict(self._address.parameters)
        kind: Any = parameters.pop("connection_class", Connection)
        connection = kind(
            **parameters,
            socket_timeout=self._timeout_s,
            socket_connect_timeout=self._timeout_s,
            decode_responses=True,
            encoding_errors="replace",
            protocol=2,
            client_name=self._client_name,
        )
        try:
            await connection.connect()
            self._connection = connection
            await self._ask("PING")
        except BaseException as error:
            self._connection = None
            with contextlib.suppress(Exception):
                await connection.disconnect(nowait=True)
            if isinstance(error, (RedisError, OSError)):
                raise ScrapeFailed(reason(error)) from None
            raise
        self.connect_seconds = time.perf_counter() - started

    async def ask(self, *command: str) -> Any:
        """The reply; None where the server doesn't know the command or doesn't allow it. Raises `ScrapeFailed`."""
        try:
            return await self._ask(*command)
        except ResponseError:
            return None
        except (RedisError, OSError) as error:
            await self.close()
            raise ScrapeFailed(reason(error)) from None

    async def _ask(self, *command: str) -> Any:
        assert self._connection is not None
        await self._connection.send_command(*command)
        return await self._connection.read_response()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                await connection.disconnect(nowait=True)


def reason(error: BaseException) -> str:
    """Why, in a few fixed words: it becomes a label value."""
    text = str(error).lower()
    if isinstance(error, (AuthenticationError, NoPermissionError)) or "noauth" in text or "wrongpass" in text:
        return "authentication failed"
    if isinstance(error, (RedisTimeoutError, TimeoutError, asyncio.TimeoutError)):
        return "timeout"
    if "authentication required" in text or "invalid username" in text:
        return "authentication failed"
    if "max number of clients" in text:
        return "max number of clients reached"
    if "refused" in text or "connect call failed" in text:
        return "connection refused"
    if "name or service" in text or "getaddrinfo" in text or "resolution" in text:
        return "no such host"
    if "ssl" in text or "certificate" in text:
        return "TLS handshake failed"
    if isinstance(error, (RedisConnectionError, OSError)):
        return "connection lost"
    return "unexpected reply"
