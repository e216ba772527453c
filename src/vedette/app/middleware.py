"""The ASGI middleware: answers the health and metrics paths itself, measures and logs every other request."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from vedette.app import metrics
from vedette.app.context import RequestContext, begin
from vedette.app.datadog import DatadogReporter
from vedette.app.health import Health
from vedette.app.logs import FIELDS
from vedette.app.routes import RouteTable, path_below

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

access = logging.getLogger("vedette.app.access")


@dataclass(frozen=True, kw_only=True)
class Paths:
    health: str = "/health"
    detailed: str = "/health/detailed"
    metrics: str = "/metrics"


class InstrumentMiddleware:
    """`routed` is the application whose routes name the endpoints; `app` the next in the chain."""

    def __init__(
        self,
        app: App,
        *,
        routed: Any,
        health: Health,
        registry: CollectorRegistry,
        paths: Paths,
        datadog: DatadogReporter,
    ) -> None:
        self._app = app
        self._routed = routed
        self._health = health
        self._registry = registry
        self._metrics = metrics.http_metrics(registry)
        self._datadog = datadog
        self._own = {
            paths.health: self._answer_health,
            paths.detailed: self._answer_detailed,
            paths.metrics: self._answer_metrics,
        }
        self._routes: RouteTable | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(self._get_ready(), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _get_ready(self) -> RouteTable:
        """Once the application has all its routes: their series begin at 0."""
        if self._routes is not None:
            return self._routes
        self._routes = RouteTable(self._routed)
        for route in self._routes.routes:
            for method in route.methods - {"HEAD"}:
                self._metrics.begin_at_zero(method, route.template, (route.success, *metrics.SERVER_ERRORS))
        self._datadog.start()
        return self._routes

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._get_ready()
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            await asyncio.to_thread(self._datadog.stop)

    async def _request(self, routes: RouteTable, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["method"] in metrics.METHODS else metrics.OTHER_METHOD
        path = path_below(scope)
        own = self._own.get(path) if method in ("GET", "HEAD") else None
        context = begin(dict(scope["headers"]))
        status = 500
        error: BaseException | None = None
        started = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"x-request-id" for name, _ in headers):
                    headers.append((b"x-request-id", context.request_id.encode()))
                message["headers"] = headers
            await send(message)

        in_progress = self._metrics.in_progress.labels(method)
        in_progress.inc()
        try:
            if own is not None:
                await own(watch, method)
            else:
                await self._app(scope, receive, watch)
        except BaseException as failure:
            error = failure
            raise
        finally:
            in_progress.dec()
            seconds = time.perf_counter() - started
            endpoint = path if own is not None else routes.endpoint(method, path)
            if isinstance(error, asyncio.CancelledError):
                status = 499  # the client went away
            self._metrics.requests.labels(method, endpoint, str(status)).inc()
            self._metrics.seconds.labels(method, endpoint).observe(seconds)
            if own is None or status >= 500:
                self._log(scope, endpoint, status, seconds, context, error)

    def _log(
        self,
        scope: Scope,
        endpoint: str,
        status: int,
        seconds: float,
        context: RequestContext,
        error: BaseException | None,
    ) -> None:
        level = logging.ERROR if status >= 500 else logging.WARNING if status >= 400 else logging.INFO
        if not access.isEnabledFor(level):
            return
        method, path = scope["method"], scope["path"]
        fields = {
            "method": method,
            "endpoint": endpoint,
            "path": path,
            "status": status,
            "duration": round(seconds * 1000, 3),
            "request_id": context.request_id,
        }
        if context.used_database:
            fields["db_duration"] = round(context.database_seconds * 1000, 3)
        failed = error if error is not None and not isinstance(error, asyncio.CancelledError) else None
        access.log(level, "%s %s %d", method, path, status, extra={FIELDS: fields}, exc_info=failed)

    async def _answer_health(self, send: Send, method: str) -> None:
        await _respond(send, method, 200, b"application/json", _json(self._health.basic()))

    async def _answer_detailed(self, send: Send, method: str) -> None:
        status, answer = await self._health.detailed()
        await _respond(send, method, status, b"application/json", _json(answer))

    async def _answer_metrics(self, send: Send, method: str) -> None:
        body = await asyncio.to_thread(metrics.page, self._registry)
        await _respond(send, method, 200, metrics.CONTENT_TYPE.encode(), body)


def _json(answer: Any) -> bytes:
    return json.dumps(answer).encode()


async def _respond(send: Send, method: str, status: int, kind: bytes, body: bytes) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
