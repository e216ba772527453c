"""Following lines over a WebSocket."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from support.loki import at


async def receive(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    message = json.loads((await socket.receive(timeout=5)).data)
    return [line for stream in message["streams"] for _, line in stream["values"]]


async def test_history_then_what_comes(door) -> None:
    await door.push(
        ({"app": "t"}, [[at(7000), "old one"], [at(7001), "old two"]]), ({"app": "other"}, [[at(7000), "no"]])
    )
    async with door.session.ws_connect(
        door.url + "/loki/api/v1/tail", params={"query": '{app="t"}', "start": at(0)}
    ) as socket:
        assert await receive(socket) == ["old one", "old two"]
        await door.push(({"app": "t"}, [[at(7002), "new"]]), ({"app": "other"}, [[at(7002), "no"]]))
        assert await receive(socket) == ["new"]


async def test_stages_and_labels(door) -> None:
    query = '{app="t"} |= "status" | json | status >= 500 | line_format "{{.path}}"'
    async with door.session.ws_connect(door.url + "/loki/api/v1/tail", params={"query": query}) as socket:
        await asyncio.sleep(0.1)
        lines = ['{"status":200,"path":"/a"}', '{"status":503,"path":"/b"}', "status but no JSON"]
        await door.push(({"app": "t"}, [[at(7100 + i), line] for i, line in enumerate(lines)]))
        message = json.loads((await socket.receive(timeout=5)).data)
        shown = {
            line: stream["stream"].get("status")
            for stream in message["streams"]
            for _, line in stream["values"]
        }
        # A line that is no JSON passes a comparison of numbers, marked as faulty.
        assert shown == {"/b": "503", "": None}


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('rate({app="t"}[1m])', "only log queries"),
        ("{", "parse error"),
        ('{app="t"} | unpack', "not supported"),
    ],
)
async def test_what_cannot_be_tailed_is_refused_with_a_reason(door, query: str, reason: str) -> None:
    async with door.session.ws_connect(door.url + "/loki/api/v1/tail", params={"query": query}) as socket:
        closed = await socket.receive(timeout=5)
        assert closed.type is aiohttp.WSMsgType.CLOSE and reason in closed.extra


async def test_leaving_ends_the_tail(door) -> None:
    for _ in range(15):
        async with door.session.ws_connect(door.url + "/loki/api/v1/tail", params={"query": '{app="t"}'}):
            pass
    await asyncio.sleep(0.1)
    # More than the ten that may follow at a time have come and gone.
    async with door.session.ws_connect(
        door.url + "/loki/api/v1/tail", params={"query": '{app="t"}'}
    ) as socket:
        await asyncio.sleep(0.1)
        await door.push(({"app": "t"}, [[at(7000), "x"]]))
        assert await receive(socket) == ["x"]
