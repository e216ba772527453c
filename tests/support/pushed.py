"""A Loki that remembers: its push door, and a plain reader of what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cramjam
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vedette.web.app import create_app
from vedette.web.selfmetrics import new_registry


def _varint(data: bytes, at: int) -> tuple[int, int]:
    shift = value = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 2:
            size, at = _varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        else:
            value, at = _varint(data, at)
            yield key >> 3, value


def read_push(body: bytes) -> list[tuple[str, int, str]]:
    """(labels, nanoseconds, line) of every entry of a push request."""
    found = []
    for _, stream in _fields(bytes(cramjam.snappy.decompress_raw(body))):
        assert isinstance(stream, bytes)
        labels = ""
        for number, value in _fields(stream):
            assert isinstance(value, bytes)
            if number == 1:
                labels = value.decode()
            elif number == 2:
                entry = dict(_fields(value))
                stamp = dict(_fields(entry.get(1, b"")))  # type: ignore[arg-type]
                line = entry.get(2, b"")
                assert isinstance(line, bytes)
                found.append((labels, int(stamp.get(1, 0)) * 10**9 + int(stamp.get(2, 0)), line.decode()))
    return found


@dataclass
class FakeLoki:
    """`status` is what the next pushes are answered with; only a 204 is remembered."""

    status: int = 204
    entries: list[tuple[str, int, str]] = field(default_factory=list)
    refused: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)

    async def push(self, request: Request) -> Response:
        entries = read_push(await request.body())
        self.headers.append(dict(request.headers))
        if self.status == 204:
            self.entries += entries
            return Response(status_code=204)
        self.refused += 1
        return PlainTextResponse("told to refuse", self.status)

    @property
    def lines(self) -> list[str]:
        return [line for _, _, line in self.entries]

    def app(self) -> ASGIApp:
        routes = [Route("/loki/api/v1/push", self.push, methods=["POST"])]
        return create_app("fake", routes, registry=new_registry("fake"))
