"""Large answers, sent in pieces."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support.doors import Doors
from vedette.web.pieces import PiecesResponse

PIECES = [bytes([65 + i]) * 300_000 for i in range(20)]


async def test_arrives_whole_with_its_length() -> None:
    async def answer(request: Request) -> Response:
        return PiecesResponse(PIECES, media_type="application/json")

    async with Doors([Route("/", answer, methods=["GET", "HEAD"])]) as client:
        plain = {"Accept-Encoding": "identity"}
        got = await client.ask("GET", "/", headers=plain)
        assert got.body == b"".join(PIECES)
        assert got.headers["content-length"] == str(6_000_000)
        assert "transfer-encoding" not in got.headers
        assert (await client.get("/")).body == got.body  # compressed on the way
        assert (await client.ask("HEAD", "/", headers=plain)).headers["content-length"] == str(6_000_000)


async def test_a_piece_is_let_go_when_it_is_on_its_way() -> None:
    sent: list[int] = []
    go = asyncio.Event()

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        if message.get("body"):
            sent.append(len(response._pieces))
            await go.wait()

    response = PiecesResponse(PIECES)
    running = asyncio.create_task(response({"type": "http", "method": "GET"}, None, send))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert sent == [19]
    go.set()
    await running
    assert sent == list(range(19, -1, -1))
