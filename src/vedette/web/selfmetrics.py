"""What every process says of itself on ``/metrics``."""

from __future__ import annotations

import asyncio
import platform
import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette import __version__

# A `_created` series beside every counter would be one in five that nobody asked for.
disable_created_metrics()  # type: ignore[no-untyped-call]


def new_registry(prefix: str) -> CollectorRegistry:
    """A registry with process metrics and ``<prefix>_build_info``; `prefix` is the original's, e.g. ``prometheus``."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    Gauge(
        f"{prefix}_build_info",
        "A metric with a constant '1' value labelled by what was built, and how.",
        ["version", "revision", "branch", "goversion", "implementation"],
        registry=registry,
    ).labels(__version__, "", "", f"python{platform.python_version()}", "vedette").set(1)
    return registry


def metrics_endpoint(registry: CollectorRegistry, path: str = "/metrics") -> Route:
    """The route that writes `registry` in the format the client asks for."""

    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        body = await asyncio.to_thread(encode, registry)
        return Response(body, headers={"Content-Type": content_type})

    return Route(path, metrics, methods=["GET", "HEAD"])


class RequestCounts:
    """``<prefix>_http_requests_total{handler,code}`` and ``<prefix>_http_request_duration_seconds{handler}``."""

    def __init__(self, registry: CollectorRegistry, prefix: str) -> None:
        self._requests = Counter(
            f"{prefix}_http_requests_total",
            "Counter of HTTP requests.",
            ["handler", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            f"{prefix}_http_request_duration_seconds",
            "Histogram of latencies for HTTP requests.",
            ["handler"],
            buckets=(0.005, 0.02, 0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120),
            registry=registry,
        )
        # Looking a child up costs more than counting in it.
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def observe(self, handler: str, status: int, seconds: float) -> None:
        """A request to the route `handler` was answered."""
        children = self._children.get((handler, status))
        if children is None:
            children = self._requests.labels(handler, str(status)), self._seconds.labels(handler)
            self._children[handler, status] = children
        children[0].inc()
        children[1].observe(seconds)


class RequestMetrics:
    """Counts and times the requests of an application by route and code."""

    def __init__(self, app: ASGIApp, *, counts: RequestCounts) -> None:
        self.app = app
        self.counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            handler = getattr(scope.get("route"), "path", None) or "other"
            self.counts.observe(handler, status, time.perf_counter() - started)
