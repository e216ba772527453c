"""A target to scrape: pages that a test writes, on a free port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType

from aiohttp import web

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Exporter:
    """Answers every path with `page`, or with what `handler` says. `requests` remembers who asked."""

    def __init__(self, page: str | bytes = "", content_type: str = TEXT_TYPE) -> None:
        self.page = page
        self.content_type = content_type
        self.status = 200
        self.handler: Handler | None = None
        self.requests: list[web.Request] = []
        self.address = ""

    async def __aenter__(self) -> Exporter:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.address = f"127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.handler is not None:
            return await self.handler(request)
        body = self.page.encode() if isinstance(self.page, str) else self.page
        headers = {"Content-Type": self.content_type} if self.content_type else {}
        return web.Response(body=body, status=self.status, headers=headers)
