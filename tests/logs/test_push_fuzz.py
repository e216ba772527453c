"""No body, however broken, is answered with more than a refusal."""

from __future__ import annotations

import json
import random

import cramjam
import pytest

from support.loki import T0, at, push_request

SEED = 20260105


def broken(chance: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        if not data:
            break
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 8)]
            case 2:
                data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            case _:
                data = data[:place]
    return bytes(data)


@pytest.mark.parametrize("kind", ["json", "protobuf", "snappy", "legacy"])
async def test_no_body_makes_a_server_error(door, kind: str) -> None:
    chance = random.Random(SEED)
    values = [[at(1), "line"], [at(2), "é", {"trace": "1"}]]
    as_json = json.dumps({"streams": [{"stream": {"app": "f", "x": "y"}, "values": values}]}).encode()
    legacy = json.dumps(
        {"streams": [{"labels": '{app="f"}', "entries": [{"ts": "2026-01-05T00:00:01Z", "line": "l"}]}]}
    )
    proto = push_request('{app="f"}', [(T0 + 1, b"line", {"k": "v"}), (T0 + 2, b"\xff", {})])
    path = "/api/prom/push" if kind == "legacy" else "/loki/api/v1/push"
    for _ in range(250):
        if kind in ("json", "legacy"):
            body, headers = (
                broken(chance, as_json if kind == "json" else legacy.encode()),
                {"Content-Type": "application/json"},
            )
        elif kind == "protobuf":
            body = bytes(cramjam.snappy.compress_raw(broken(chance, proto)))
            headers = {"Content-Type": "application/x-protobuf"}
        else:
            body = broken(chance, bytes(cramjam.snappy.compress_raw(proto)))
            headers = {"Content-Type": "application/x-protobuf"}
        async with door.session.post(door.url + path, data=body, headers=headers) as answer:
            assert answer.status < 500, (body, await answer.text())
    # And the door still works.
    assert (await door.push(({"app": "after"}, [[at(3), "fine"]])))[0] == 204
    assert await door.lines('{app="after"}') == ["fine"]
    status, _ = await door.get(
        "/loki/api/v1/query_range", query='{app=~".+"} | json', start=str(T0 - 10**18), end=at(7000)
    )
    assert status in (200, 400)


async def test_bytes_that_are_no_text_are_replaced(door) -> None:
    body = bytes(cramjam.snappy.compress_raw(push_request('{app="u"}', [(T0 + 1, b"a\xffb\xc3", {})])))
    assert (await door.push_body(body, {"Content-Type": "application/x-protobuf"}))[0] == 204
    assert await door.lines('{app="u"}') == ["a�b�"]


@pytest.mark.parametrize("size", [10**6, 10**9, 2**31, 2**32 - 1])
async def test_a_snappy_block_that_announces_too_much(door, size: int) -> None:
    announced, rest = bytearray(), size
    while rest > 127:
        announced.append(rest & 127 | 128)
        rest >>= 7
    announced.append(rest)
    status, _ = await door.push_body(
        bytes(announced) + b"\x00abc", {"Content-Type": "application/x-protobuf"}
    )
    assert status in (400, 413)
