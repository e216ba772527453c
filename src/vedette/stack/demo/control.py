"""The demo's control door: one JSON line in, one JSON line out, on loopback, for who can read the token in the data directory.

{"token": "...", "do": "break", "kind": "database"}   ->   {"ok": true, "broken": ["database"]}
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vedette.stack.demo.layout import write_private

LONGEST_LINE = 4096
Handle = Callable[[str, str], Awaitable[dict[str, Any]]]


class ControlError(Exception):
    """The demo can't be reached, or refuses. `str()` is for the user."""


class ControlDoor:
    """Answers while entered. `handle(do, kind)` gives the answer's fields, or raises `ControlError`."""

    def __init__(self, file: Path, handle: Handle) -> None:
        self._file, self._handle = file, handle
        self._token = secrets.token_urlsafe(24)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_LINE)
        port = self._server.sockets[0].getsockname()[1]
        write_private(self._file, json.dumps({"port": port, "token": self._token}))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.unlink(missing_ok=True)
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(60):
                answer = await self._answer(await reader.readline())
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass  # whoever it was is gone, or didn't speak our language
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            token, do, kind = str(request["token"]), str(request["do"]), str(request.get("kind", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"ok": False, "error": "no request"}
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return {"ok": False, "error": "wrong token"}
        try:
            return {"ok": True, **await self._handle(do, kind)}
        except ControlError as refusal:
            return {"ok": False, "error": str(refusal)}


async def ask(file: Path, do: str, kind: str = "", *, timeout_s: float = 40) -> dict[str, Any]:
    """The answer of the demo whose control file this is. Raises `ControlError`."""
    try:
        door = _read(file)
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", door["port"])
            try:
                request = {"token": door["token"], "do": do, "kind": kind}
                writer.write(json.dumps(request).encode() + b"\n")
                answer: dict[str, Any] = json.loads(await reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, KeyError):
        raise ControlError(
            f"no demo runs with its data in {file.parent.parent}; start one with `vedette up --demo`"
        ) from None
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error", "refused")))
    return answer


def _read(file: Path) -> dict[str, Any]:
    door: dict[str, Any] = json.loads(file.read_text())
    return door
