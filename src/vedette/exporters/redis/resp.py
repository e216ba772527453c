"""The server's protocol (RESP2): one connection, one question at a time.

The exporter asks a dozen questions; the general client library would cost it more memory than all the rest of it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Self

Value = str | int | None | list["Value"]

# No reply to our questions comes near these: what is longer or deeper is no Redis.
LONGEST_TEXT = 64 * 2**20
MOST_ITEMS = 1 << 20
DEEPEST = 16


class ErrorReply(Exception):
    """The server's ``-CODE text``: the connection goes on."""

    @property
    def code(self) -> str:
        return str(self).partition(" ")[0]


class ProtocolError(ConnectionError):
    """What came is no reply; the connection is of no more use."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How the server proves who it is, and with which files we do; empty: the system's authorities, no certificate."""

    verify: bool = True
    check_hostname: bool = True
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    def context(self) -> ssl.SSLContext:
        """Raises `OSError` for a file that can't be read."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        context.check_hostname = self.verify and self.check_hostname
        if not self.verify:
            context.verify_mode = ssl.CERT_NONE
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file or None)
        return context


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a server is, and how to get in. `path` is of a unix socket and wins over host and port."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    tls: Tls | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    db: int = 0


class RespConnection:
    """Commands go out and replies come back as text, whole numbers, None and lists of these."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout_s: float) -> None:
        self._reader, self._writer, self._timeout_s = reader, writer, timeout_s

    @classmethod
    async def open(cls, place: Place, *, timeout_s: float, client_name: str | None = None) -> Self:
        """Connected, logged in and named. Raises `OSError`, `TimeoutError` or `ErrorReply`."""
        async with asyncio.timeout(timeout_s):
            opening: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
            if place.path:
                opening = asyncio.open_unix_connection(place.path)
            else:
                opening = asyncio.open_connection(
                    place.host, place.port, ssl=place.tls.context() if place.tls else None
                )
            try:
                reader, writer = await opening
            except UnicodeError:  # what can't be the name of a host at all
                raise socket.gaierror(socket.EAI_NONAME, "no such host") from None
        connection = cls(reader, writer, timeout_s)
        try:
            if place.password:
                user = (place.username,) if place.username else ()
                await connection.ask("AUTH", *user, place.password)
            if client_name:
                await connection._take_name(client_name)
            if place.db:
                await connection.ask("SELECT", str(place.db))
        except BaseException:
            connection.close()
            raise
        return connection

    async def _take_name(self, name: str) -> None:
        """A name in the server's list of clients; none where that isn't known or allowed."""
        try:
            await self.ask("CLIENT", "SETNAME", name)
        except ErrorReply as error:
            if error.code != "NOPERM" and "unknown" not in str(error):
                raise

    async def ask(self, *command: str) -> Value:
        """The reply. Raises `ErrorReply`, `OSError` or `TimeoutError`; after the last two the connection is broken."""
        async with asyncio.timeout(self._timeout_s):
            self._writer.write(encode(command))
            await self._writer.drain()
            return await read_reply(self._reader)

    def close(self) -> None:
        """At once: nothing that was asked is waited for."""
        self._writer.transport.abort()


def encode(command: tuple[str, ...]) -> bytes:
    """A command on the wire: an array of texts."""
    parts = [b"*%d\r\n" % len(command)]
    for word in command:
        data = word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


async def read_reply(reader: asyncio.StreamReader) -> Value:
    """One reply. Raises `ErrorReply`, `ProtocolError`, or `ConnectionError` at the stream's end."""
    try:
        return await _read(reader, 0)
    except asyncio.IncompleteReadError:
        raise ConnectionError("connection closed by the server") from None
    except (ValueError, asyncio.LimitOverrunError):
        raise ProtocolError("not a reply") from None


async def _read(reader: asyncio.StreamReader, depth: int) -> Value:
    if depth > DEEPEST:
        raise ProtocolError("lists in lists deeper than any reply's")
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return rest.decode("utf-8", "replace")
    if kind == b":":
        return int(rest)
    if kind == b"-" and depth == 0:
        raise ErrorReply(rest.decode("utf-8", "replace"))
    if kind == b"$":
        length = int(rest)
        if length < 0:
            return None
        if length > LONGEST_TEXT:
            raise ProtocolError("a text longer than any reply")
        return (await reader.readexactly(length + 2))[:-2].decode("utf-8", "replace")
    if kind == b"*":
        count = int(rest)
        if count < 0:
            return None
        if count > MOST_ITEMS:
            raise ProtocolError("a list longer than any reply")
        return [await _read(reader, depth + 1) for _ in range(count)]
    raise ProtocolError("not a reply")
