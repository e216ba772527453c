from __future__ import annotations

import asyncio

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette.web.app import create_app
from vedette.web.errors import ApiError, plain_error
from vedette.web.role import AddressInUse, Listen, WebServer
from vedette.web.selfmetrics import new_registry


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello " * 1000)


async def refuse(request: Request) -> Response:
    raise ApiError(422, "execution", "no such thing")


async def break_down(request: Request) -> Response:
    raise RuntimeError("the password is hunter2")


def make_app(**options: object) -> object:
    routes = [Route("/hello", hello), Route("/refuse", refuse), Route("/break/{how}", break_down)]
    return create_app("prometheus", routes, registry=new_registry("prometheus"), **options)  # type: ignore[arg-type]


async def test_a_door_answers_counts_and_refuses() -> None:
    async with WebServer(make_app(), Listen(port=0)) as server, aiohttp.ClientSession() as session:  # type: ignore[arg-type]
        base = f"http://{server.address}"
        async with session.get(f"{base}/hello") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Encoding"] == "gzip"
        async with session.get(f"{base}/refuse") as answer:
            assert answer.status == 422
            assert await answer.json() == {
                "status": "error",
                "errorType": "execution",
                "error": "no such thing",
            }
        async with session.get(f"{base}/break/x") as answer:
            assert answer.status == 500
            assert "hunter2" not in await answer.text()
        async with session.get(f"{base}/nowhere") as answer:
            assert answer.status == 404
        async with session.get(f"{base}/metrics") as answer:
            text = await answer.text()
    assert 'prometheus_http_requests_total{code="200",handler="/hello"} 1.0' in text
    assert 'prometheus_http_requests_total{code="422",handler="/refuse"} 1.0' in text
    assert 'handler="/break/{how}"' in text
    assert "prometheus_build_info{" in text
    assert "process_resident_memory_bytes" in text


async def test_a_role_may_write_errors_its_own_way() -> None:
    async with (
        WebServer(make_app(on_error=plain_error), Listen(port=0)) as server,  # type: ignore[arg-type]
        aiohttp.ClientSession() as session,
        session.get(f"http://{server.address}/refuse") as answer,
    ):
        assert await answer.text() == "no such thing"


async def test_a_port_in_use_is_named_with_its_role() -> None:
    async with WebServer(make_app(), Listen(port=0)) as server:  # type: ignore[arg-type]
        with pytest.raises(AddressInUse, match=f"metrics: 127.0.0.1:{server.address.port} is in use"):
            async with WebServer(make_app(), server.address, role="metrics"):  # type: ignore[arg-type]
                pass


async def test_a_door_closes_with_a_request_under_way() -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(30)
        return PlainTextResponse("late")

    app = create_app("x", [Route("/slow", slow)], registry=new_registry("x"))
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        async with WebServer(app, Listen(port=0), grace_s=1.0) as server:
            task = asyncio.create_task(session.get(f"http://{server.address}/slow").__aenter__())
            await asyncio.sleep(0.1)
            started = loop.time()
        assert loop.time() - started < 10
        with pytest.raises(aiohttp.ClientError):
            (await task).raise_for_status()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("127.0.0.1:9090", Listen("127.0.0.1", 9090)),
        (":9090", Listen("0.0.0.0", 9090)),
        ("9090", Listen("127.0.0.1", 9090)),
        ("[::1]:80", Listen("::1", 80)),
    ],
)
def test_listen_addresses(text: str, want: Listen) -> None:
    assert Listen.parse(text) == want


@pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "host:70000"])
def test_no_listen_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="is no listen address"):
        Listen.parse(text)


async def test_a_role_may_write_its_own_metrics_and_catch_everything_else() -> None:
    async def mine(request: Request) -> Response:
        return PlainTextResponse("mine")

    async def rest(request: Request) -> Response:
        return PlainTextResponse("rest", 404)

    async def ask(routes: list[Route]) -> str:
        app = create_app("x", routes, registry=new_registry("x"))
        async with (
            WebServer(app, Listen(port=0)) as server,
            aiohttp.ClientSession() as session,
            session.get(f"http://{server.address}/metrics") as answer,
        ):
            return await answer.text()

    assert await ask([Route("/metrics", mine)]) == "mine"
    assert "x_build_info" in await ask([Route("/{path:path}", rest)])
