"""Prompt doors: questions that are answered at the place where they are read.

An ordinary request becomes a task, passes the middleware, waits for a thread and for the way back: several times what a
small answer costs to find. So a role may name paths whose requests are shown, as soon as they are whole, to a function
that answers at once or declines. It must decline whatever could take more than a few milliseconds, because everything
else on the event loop waits for it. What it declines, and every request that is in any way unusual, goes the ordinary
way through the ASGI application as if nothing had been tried.
"""

from __future__ import annotations

import asyncio
import http
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vedette.config.log import get_logger
from vedette.web.selfmetrics import RequestCounts

log = get_logger("web.prompt")

# A longer form is no small question.
MAX_FORM_BYTES = 64 << 10
_FORM = b"application/x-www-form-urlencoded"
# Headers that ask for something only the ordinary way knows.
_UNUSUAL = frozenset([b"origin", b"expect", b"upgrade", b"transfer-encoding"])


@dataclass(frozen=True, slots=True)
class Question:
    """A whole GET, or POST of a form."""

    path: str
    query: bytes
    form: bytes
    gzip: bool  # whether the client understands it


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    gzipped: bool = False
    content_type: bytes = b"application/json"


# Answers at once, or None: the ordinary way.
PromptDoor = Callable[[Question], Reply | None]


class PromptDoors:
    """Doors by the path template they are counted under, such as ``/api/v1/query`` or ``/api/v1/label/{name}/values``.

    A template has at most one name in it.
    """

    def __init__(self, counts: RequestCounts) -> None:
        self._counts = counts
        self._exact: dict[bytes, tuple[str, PromptDoor]] = {}
        self._around: list[tuple[bytes, bytes, str, PromptDoor]] = []

    def open(self, doors: Mapping[str, PromptDoor]) -> None:
        for template, door in doors.items():
            head, brace, rest = template.partition("{")
            if brace:
                tail = rest.partition("}")[2]
                self._around.append((head.encode(), tail.encode(), template, door))
            else:
                self._exact[template.encode()] = (template, door)

    def close(self) -> None:
        self._exact, self._around = {}, []

    def find(self, path: bytes) -> tuple[str, PromptDoor] | None:
        """The door of a path and its template; none for a path with escapes."""
        found = self._exact.get(path)
        if found is not None or b"%" in path:
            return found
        for head, tail, template, door in self._around:
            if path.startswith(head) and path.endswith(tail) and len(path) > len(head) + len(tail):
                return template, door
        return None

    def ask(self, template: str, door: PromptDoor, question: Question) -> Reply | None:
        started = time.perf_counter()
        try:
            reply = door(question)
        except Exception as error:
            # The ordinary way fails in the same place and tells the client.
            log.error("prompt door failed", path=question.path, exc_info=error)
            return None
        if reply is not None:
            self._counts.observe(template, reply.status, time.perf_counter() - started)
        return reply


class PromptApp:
    """An ASGI application with prompt doors beside it."""

    def __init__(self, app: ASGIApp, doors: PromptDoors) -> None:
        self.app, self.doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class PromptProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which first shows whole requests to the prompt doors."""

    def __init__(self, *args: Any, doors: PromptDoors, **options: Any) -> None:
        super().__init__(*args, **options)
        self._doors = doors
        self._held: _Held | None = None
        self._default_headers: list[tuple[bytes, bytes]] = []
        self._head = b""

    def on_headers_complete(self) -> None:
        self._held = self._hold()
        if self._held is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._held is None:
            super().on_body(body)
        else:
            self._held.form += body

    def on_message_complete(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            question = Question(held.path.decode("ascii"), held.query, bytes(held.form), held.gzip)
            reply = self._doors.ask(held.template, held.door, question)
            if reply is not None:
                self._send(reply)
                return
            super().on_headers_complete()
            if held.form:
                super().on_body(bytes(held.form))
        super().on_message_complete()

    def _hold(self) -> _Held | None:
        """The request, when a prompt door may see it."""
        path, _, query = self.url.partition(b"?")
        found = self._doors.find(path)
        if found is None or (self.cycle is not None and not self.cycle.response_complete):
            return None
        method, gzip, length, kind = self.parser.get_method(), False, b"0", b""
        for name, value in self.headers:
            if name in _UNUSUAL:
                return None
            if name == b"accept-encoding":
                gzip = b"gzip" in value
            elif name == b"content-length":
                length = value
            elif name == b"content-type":
                kind = value.partition(b";")[0].strip().lower()
        if self.parser.get_http_version() != "1.1" or not length.isdigit():
            return None
        if method == b"GET":
            allowed = 0
        elif method == b"POST" and kind == _FORM:
            allowed = MAX_FORM_BYTES
        else:
            return None
        if int(length) > allowed or self.flow.write_paused:
            return None
        return _Held(*found, path, query, gzip)

    def _send(self, reply: Reply) -> None:
        stay = self.parser.should_keep_alive()
        parts = [self._status_and_defaults(reply.status), b"content-type: ", reply.content_type]
        if reply.gzipped:
            parts.append(b"\r\ncontent-encoding: gzip\r\nvary: Accept-Encoding")
        if not stay:
            parts.append(b"\r\nconnection: close")
        parts += [b"\r\ncontent-length: ", str(len(reply.body)).encode(), b"\r\n\r\n", reply.body]
        self.transport.write(b"".join(parts))
        if not stay:
            self.transport.close()
        self.on_response_complete()

    def _status_and_defaults(self, status: int) -> bytes:
        """The first line, and the headers that every answer has (the date; uvicorn renews them every second)."""
        defaults = self.server_state.default_headers
        if defaults is not self._default_headers:
            self._default_headers = defaults
            self._head = b"".join(b"%b: %b\r\n" % header for header in defaults)
        return _FIRST_LINES[status] + self._head


@dataclass(slots=True)
class _Held:
    """A request that waits for its last byte."""

    template: str
    door: PromptDoor
    path: bytes
    query: bytes
    gzip: bool
    form: bytearray = field(default_factory=bytearray)


_FIRST_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in http.HTTPStatus
}


def http_protocol(app: ASGIApp) -> Any:
    """What uvicorn speaks HTTP with for `app`."""
    if not isinstance(app, PromptApp):
        return HttpToolsProtocol

    def make(*args: Any, **options: Any) -> asyncio.Protocol:
        return PromptProtocol(*args, doors=app.doors, **options)

    return make
