"""The doors of the alerts role."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from vedette.alerts.api import alerts, general, silences
from vedette.alerts.api.answers import Refusal, answer, coded, refuse
from vedette.config.problems import ConfigError
from vedette.web.app import create_app
from vedette.web.errors import ApiError

if TYPE_CHECKING:
    from vedette.alerts.service import AlertsRole

UI_ALERTS = "/alerting"  # the page of the dashboards role

Handler = Callable[["AlertsRole", Request], Response | Awaitable[Response]]


def build_app(role: AlertsRole) -> Starlette:
    def door(path: str, **methods: Handler) -> Route:
        """One path; a handler a method. HEAD is answered as GET."""

        async def handle(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            try:
                response = methods[method](role, request)
                if inspect.isawaitable(response):
                    response = await response
            except Refusal as refusal:
                response = refuse(refusal)
            response.headers["Cache-Control"] = "no-store"
            return response

        return Route(path, handle, methods=list(methods))

    api: list[BaseRoute] = [
        door("/status", GET=general.status),
        door("/receivers", GET=general.receivers),
        door("/alerts", GET=alerts.list_alerts, POST=alerts.post_alerts),
        door("/alerts/groups", GET=alerts.list_groups),
        door("/silences", GET=silences.list_silences, POST=silences.post_silence),
        door("/silence/{silence_id}", GET=silences.get_silence, DELETE=silences.delete_silence),
        Route("/{path:path}", _not_found),
    ]
    prefix = role.options.route_prefix.rstrip("/")
    routes: list[BaseRoute] = [
        Mount("/api/v2", routes=api),
        door("/api/vedette/notifications", GET=general.history),
        Route("/api/v1/{path:path}", _gone, methods=["GET", "POST", "DELETE"]),
        door("/-/healthy", GET=_ok),
        door("/-/ready", GET=_ok),
        door("/-/reload", POST=_reload),
        door("/", GET=_front),
    ]
    if prefix:
        routes = [Mount(prefix, routes=routes), Route("/", lambda request: RedirectResponse(f"{prefix}/"))]
    return create_app(
        "alertmanager",
        routes,
        registry=role.registry,
        on_error=_internal,
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "POST", "DELETE", "OPTIONS"],
                allow_headers=["Accept", "Authorization", "Content-Type", "Origin"],
                expose_headers=["Date"],
            )
        ],
    )


def _internal(error: ApiError) -> Response:
    return answer(error.message, error.status)


async def _not_found(request: Request) -> Response:
    return refuse(coded(404, 404, f"path {request.url.path} was not found"))


async def _gone(request: Request) -> Response:
    return answer(
        {
            "status": "deprecated",
            "error": "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0"
            " - please use the equivalent route in the v2 API",
        },
        410,
    )


def _ok(role: AlertsRole, request: Request) -> Response:
    return PlainTextResponse("OK")


async def _reload(role: AlertsRole, request: Request) -> Response:
    try:
        await role.reload()
    except ConfigError as error:
        return PlainTextResponse(f"failed to reload config: {error}\n", 500)
    return Response(status_code=200)


def _front(role: AlertsRole, request: Request) -> Response:
    """Links of notifications come here; with dashboards beside, people see their alerts at once."""
    if role.options.ui_url:
        return RedirectResponse(f"{role.options.ui_url.rstrip('/')}{UI_ALERTS}", 302)
    return PlainTextResponse(
        "Vedette alerts. The API is at /api/v2, metrics are at /metrics.\n"
        "To see alerts and silences, start the dashboards role (vedette dashboards).\n"
    )
