"""Doors that open once the store is ready; until then they say so."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send


class LateRoutes:
    """An ASGI application that answers 503 until `open` gives it its routes."""

    def __init__(self) -> None:
        self._router: Router | None = None

    @property
    def is_open(self) -> bool:
        return self._router is not None

    def open(self, routes: Sequence[BaseRoute]) -> None:
        self._router = Router(routes, redirect_slashes=False)

    def close(self) -> None:
        self._router = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._router is not None:
            await self._router(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse("Service Unavailable", 503)(scope, receive, send)


def under(prefix: str, routes: Sequence[Route]) -> list[Route]:
    """The same routes with `prefix` before their paths, which request metrics then show whole."""
    if not prefix:
        return list(routes)
    return [
        Route(f"{prefix}{route.path}", route.endpoint, methods=sorted(route.methods or ()) or None)
        for route in routes
    ]
