"""``/-/healthy``, ``/-/ready``, ``/-/reload``, ``/-/quit``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette.config.problems import ConfigError


def routes(
    *,
    is_ready: Callable[[], bool],
    reload: Callable[[], Awaitable[None]],
    quit: Callable[[], None],
    enabled: bool,
) -> list[Route]:
    """`enabled` is ``--web.enable-lifecycle``; `reload` raises `ConfigError`."""

    async def healthy(request: Request) -> Response:
        return PlainTextResponse("Prometheus Server is Healthy.\n")

    async def ready(request: Request) -> Response:
        if not is_ready():
            return PlainTextResponse("Service Unavailable", 503)
        return PlainTextResponse("Prometheus Server is Ready.\n")

    def refusal(request: Request) -> Response | None:
        if request.method not in ("POST", "PUT"):
            return PlainTextResponse("Only POST or PUT requests allowed", 405, headers={"Allow": "POST, PUT"})
        if not enabled:
            return PlainTextResponse("Lifecycle API is not enabled.", 403)
        return None

    async def on_reload(request: Request) -> Response:
        if (refused := refusal(request)) is not None:
            return refused
        try:
            await reload()
        except ConfigError as error:
            return PlainTextResponse(f"failed to reload config: {error}\n", 500)
        return PlainTextResponse("")

    async def on_quit(request: Request) -> Response:
        if (refused := refusal(request)) is not None:
            return refused
        quit()
        return PlainTextResponse("Requesting termination... Goodbye!")

    anything = ["GET", "HEAD", "POST", "PUT"]
    return [
        Route("/-/healthy", healthy, methods=["GET", "HEAD"]),
        Route("/-/ready", ready, methods=["GET", "HEAD"]),
        Route("/-/reload", on_reload, methods=anything),
        Route("/-/quit", on_quit, methods=anything),
    ]
