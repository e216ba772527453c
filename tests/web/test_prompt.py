"""Prompt doors: what they answer, what goes the ordinary way, and that nobody can tell the difference."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette.web.app import create_app
from vedette.web.prompt import PromptApp, PromptDoors, Question, Reply
from vedette.web.role import Listen, WebServer
from vedette.web.selfmetrics import RequestCounts


class Server:
    """Says ``prompt`` promptly and ``ordinary`` otherwise, each with what it was asked."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counts = RequestCounts(self.registry, "x")
        doors = PromptDoors(counts)
        doors.open({"/ask": self.prompt, "/label/{name:path}/values": self.prompt})

        async def ordinary(request: Request) -> Response:
            body = (await request.body()).decode()
            return PlainTextResponse(f"ordinary {request.method} {request.url.query} {body}")

        either = ["GET", "HEAD", "POST", "PUT"]
        routes = [Route("/ask", ordinary, methods=either), Route("/{rest:path}", ordinary, methods=either)]
        self.doors = doors
        self.app = PromptApp(create_app("x", routes, registry=self.registry, counts=counts), doors)

    def prompt(self, question: Question) -> Reply | None:
        if b"decline" in question.query:
            return None
        if b"fail" in question.query:
            raise RuntimeError("door out of order")
        text = f"prompt {question.path} {question.query.decode()} {question.form.decode()} {question.gzip}"
        return Reply(400 if b"bad" in question.query else 200, text.encode(), content_type=b"text/plain")

    def counted(self, handler: str, code: str = "200") -> float:
        labels = {"handler": handler, "code": code}
        return self.registry.get_sample_value("x_http_requests_total", labels) or 0.0


@contextlib.asynccontextmanager
async def connected(server: Server) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with WebServer(server.app, Listen(port=0), grace_s=1) as web:
        reader, writer = await asyncio.open_connection(web.address.host, web.address.port)
        yield reader, writer
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], str]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), 5)
    return head[0], headers, body.decode()


FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("request_text", "want"),
    [
        ("GET /ask?a=1 HTTP/1.1\r\n\r\n", "prompt /ask a=1  False"),
        ("GET /ask HTTP/1.1\r\nAccept-Encoding: br, gzip\r\n\r\n", "prompt /ask   True"),
        ("GET /label/a/values?x HTTP/1.1\r\n\r\n", "prompt /label/a/values x  False"),
        (f"POST /ask?a=1 HTTP/1.1\r\n{FORM}Content-Length: 3\r\n\r\nb=2", "prompt /ask a=1 b=2 False"),
        (
            f"POST /ask HTTP/1.1\r\n{FORM}Content-Length: 0\r\n\r\n",
            "prompt /ask   False",
        ),
        # Declined, or out of order.
        ("GET /ask?decline HTTP/1.1\r\n\r\n", "ordinary GET decline "),
        ("GET /ask?fail HTTP/1.1\r\n\r\n", "ordinary GET fail "),
        (f"POST /ask?decline HTTP/1.1\r\n{FORM}Content-Length: 3\r\n\r\nb=2", "ordinary POST decline b=2"),
        # Nothing for a prompt door.
        ("GET /other HTTP/1.1\r\n\r\n", "ordinary GET  "),
        ("GET /label/%2F/values HTTP/1.1\r\n\r\n", "ordinary GET  "),
        ("GET /label//values HTTP/1.1\r\n\r\n", "ordinary GET  "),
        ("PUT /ask HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "ordinary PUT  x"),
        ("GET /ask HTTP/1.1\r\nOrigin: http://a\r\n\r\n", "ordinary GET  "),
        ("GET /ask HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "ordinary GET  x"),
        ("POST /ask HTTP/1.1\r\nContent-Length: 3\r\n\r\nb=2", "ordinary POST  b=2"),
        (
            f"POST /ask HTTP/1.1\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n3\r\nb=2\r\n0\r\n\r\n",
            "ordinary POST  b=2",
        ),
        (
            f"POST /ask HTTP/1.1\r\n{FORM}Content-Length: 70000\r\n\r\n" + "x" * 70_000,
            "ordinary POST  " + "x" * 70_000,
        ),
    ],
)
async def test_who_answers(request_text: str, want: str) -> None:
    server = Server()
    async with connected(server) as (reader, writer):
        writer.write(request_text.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nHost: a\r\n", 1).encode())
        first, headers, body = await answer(reader)
        assert (first, body) == ("HTTP/1.1 200 OK", want)
        assert "date" in headers
        # The connection stays good for the next one.
        writer.write(b"GET /ask?next HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await answer(reader))[2] == "prompt /ask next  False"


async def test_a_form_may_come_in_pieces() -> None:
    async with connected(Server()) as (reader, writer):
        whole = f"POST /ask HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 5\r\n\r\nquery"
        for piece in whole:
            writer.write(piece.encode())
            await writer.drain()
            await asyncio.sleep(0)
        assert (await answer(reader))[2] == "prompt /ask  query False"


async def test_answers_keep_the_order_of_their_questions() -> None:
    ask = "GET /ask?{} HTTP/1.1\r\nHost: a\r\n\r\n"
    names = ["1", "decline2", "3", "4", "decline5", "decline6", "7"]
    async with connected(Server()) as (reader, writer):
        writer.write("".join(ask.format(name) for name in names).encode())
        bodies = [(await answer(reader))[2] for _ in names]
    assert [body.split()[2] for body in bodies] == names
    # Behind one that went the ordinary way, all of that packet do.
    assert bodies[0].startswith("prompt")
    assert all(body.startswith("ordinary") for body in bodies[1:])


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
async def test_connections_that_are_to_close(version: str) -> None:
    async with connected(Server()) as (reader, writer):
        writer.write(f"GET /ask?a {version}\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        _, headers, body = await answer(reader)
        assert headers["connection"] == "close"
        assert body == ("prompt /ask a  False" if version == "HTTP/1.1" else "ordinary GET a ")
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_both_ways_are_counted_under_one_name() -> None:
    server = Server()
    async with connected(server) as (reader, writer):
        for query in ("a", "decline", "bad"):
            writer.write(f"GET /ask?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            await answer(reader)
        writer.write(b"GET /label/a/values HTTP/1.1\r\nHost: a\r\n\r\n")
        await answer(reader)
    assert server.counted("/ask") == 2
    assert server.counted("/ask", "400") == 1
    assert server.counted("/label/{name:path}/values") == 1


async def test_closed_prompt_doors_leave_everything_to_the_application() -> None:
    server = Server()
    server.doors.close()
    async with connected(server) as (reader, writer):
        writer.write(b"GET /ask?a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await answer(reader))[2] == "ordinary GET a "
