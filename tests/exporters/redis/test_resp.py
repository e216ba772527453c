"""The Redis protocol on the wire."""

import asyncio

import pytest

from vedette.exporters.redis.address import Credentials, parse_address
from vedette.exporters.redis.connection import KeptConnection, ScrapeFailed
from vedette.exporters.redis.resp import ErrorReply, ProtocolError, Value, encode, read_reply


def read(data: bytes) -> Value:
    async def run() -> Value:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_reply(reader)

    return asyncio.run(run())


def test_commands_are_arrays_of_texts() -> None:
    assert encode(("AUTH", "pä")) == b"*2\r\n$4\r\nAUTH\r\n$3\r\np\xc3\xa4\r\n"


@pytest.mark.parametrize(
    "data, value",
    [
        (b"+PONG\r\n", "PONG"),
        (b":-3\r\n", -3),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"$0\r\n\r\n", ""),
        (b"$4\r\na\r\nb\r\n", "a\r\nb"),
        (b"$1\r\n\xff\r\n", "\ufffd"),
        (b"*2\r\n*1\r\n:1\r\n$1\r\nx\r\n", [[1], "x"]),
    ],
)
def test_replies(data: bytes, value: Value) -> None:
    assert read(data) == value


def test_a_refusal() -> None:
    with pytest.raises(ErrorReply) as refusal:
        read(b"-WRONGPASS invalid username-password pair\r\n")
    assert refusal.value.code == "WRONGPASS"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"$x\r\n",
        b"$99999999999\r\n",
        b"*99999999999\r\n",
        b"*1\r\n-ERR inside\r\n",
        b"*1\r\n" * 40,
        b"x" * 100_000 + b"\r\n",
    ],
)
def test_no_replies(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(data)


@pytest.mark.parametrize("data", [b"", b"+PO", b"$4\r\nab", b"*2\r\n:1\r\n"])
def test_broken_off(data: bytes) -> None:
    with pytest.raises(ConnectionError, match="closed by the server"):
        read(data)


@pytest.mark.parametrize(
    "greeting, why",
    [
        (b"-ERR max number of clients reached\r\n", "max number of clients reached"),
        (b"-NOAUTH Authentication required.\r\n", "authentication failed"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "unexpected reply"),
        (b"hello\r\n", "connection lost"),
        (b"", "connection lost"),
    ],
)
def test_why_a_scrape_fails(greeting: bytes, why: str) -> None:
    async def run() -> str:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"PING\r\n" if not greeting else b"\r\n")
            writer.write(greeting)
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = parse_address(f"127.0.0.1:{port}", Credentials())
            with pytest.raises(ScrapeFailed) as failed:
                await KeptConnection(address, timeout_s=5, client_name="x" if greeting else None).open()
            return str(failed.value)

    assert asyncio.run(run()) == why


@pytest.mark.parametrize("host", ["x" * 70, "a..b", "no such name"])
def test_what_can_be_no_hosts_name(host: str) -> None:
    async def run() -> str:
        with pytest.raises(ScrapeFailed) as failed:
            await KeptConnection(
                parse_address(f"{host}:1", Credentials()), timeout_s=5, client_name=None
            ).open()
        return str(failed.value)

    assert asyncio.run(run()) == "no such host"
