"""The ASGI application of a role: its routes, its metrics, and errors in the shape its clients expect."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from vedette.config.log import get_logger
from vedette.web.errors import ApiError, ErrorWriter, prometheus_error
from vedette.web.selfmetrics import RequestCounts, RequestMetrics, metrics_endpoint

log = get_logger("web")


def create_app(
    prefix: str,
    routes: Sequence[BaseRoute],
    *,
    registry: CollectorRegistry,
    on_error: ErrorWriter = prometheus_error,
    middleware: Sequence[Middleware] = (),
    gzip: bool = True,
    counts: RequestCounts | None = None,
) -> Starlette:
    """`routes`, and ``/metrics`` unless they have it. `prefix` starts the names of the request metrics (``prometheus``, ``loki``).

    `counts`: the request metrics, where something besides this application counts in them too.

    An `ApiError` that a handler raises is written by `on_error`; anything else it raises is logged and answered
    with a 500 in the same shape, without its text.
    """

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return on_error(error)

    def failed(request: Request, error: Exception) -> Response:
        log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
        return on_error(ApiError(500, "internal", "internal error; the server's log has the details"))

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return PlainTextResponse(str(error.detail), error.status_code, headers=error.headers)

    stack = [Middleware(RequestMetrics, counts=counts or RequestCounts(registry, prefix))]
    if gzip:
        stack.append(Middleware(GZipMiddleware, minimum_size=1024, compresslevel=3))
    # Before a role's catch-all route, and not at all where the role has metrics of others to show there.
    own = (
        []
        if any(getattr(route, "path", None) == "/metrics" for route in routes)
        else [metrics_endpoint(registry)]
    )
    return Starlette(
        routes=[*own, *routes],
        middleware=[*stack, *middleware],
        exception_handlers={ApiError: refused, HTTPException: http_error, Exception: failed},
    )
