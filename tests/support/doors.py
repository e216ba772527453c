"""Doors for tests: routes served on a free port, and a client that knows where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import orjson
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from vedette.web.app import create_app
from vedette.web.role import Listen, WebServer


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def data(self) -> Any:
        assert self.status == 200, self.body
        assert self.json["status"] == "success"
        return self.json["data"]

    @property
    def error(self) -> tuple[int, str, str]:
        return self.status, self.json["errorType"], self.json["error"]


class Client:
    """Asks one server. Use as an async context manager."""

    def __init__(self, base: str) -> None:
        self.base = base

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=True)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        options.setdefault("allow_redirects", False)
        async with self._session.request(method, f"{self.base}{path}", **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def get(self, path: str, params: Sequence[tuple[str, str]] | Mapping[str, str] = ()) -> Answer:
        return await self.ask("GET", path, params=params)

    async def post(self, path: str, data: Any = None, **options: Any) -> Answer:
        return await self.ask("POST", path, data=data, **options)


class Doors:
    """``async with Doors(routes) as client``."""

    def __init__(self, routes: Sequence[BaseRoute], middleware: Sequence[Middleware] = ()) -> None:
        self._app = create_app("prometheus", routes, registry=CollectorRegistry(), middleware=middleware)

    async def __aenter__(self) -> Client:
        self._server = WebServer(self._app, Listen(port=0), grace_s=1)
        await self._server.__aenter__()
        self._client = Client(f"http://{self._server.address}")
        return await self._client.__aenter__()

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__()
        await self._server.__aexit__(None, None, None)
