"""Every address of the role."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from vedette.logs.api import labels, push, query, system
from vedette.logs.api.context import Context
from vedette.logs.api.tail import tail

_READ = ["GET", "POST"]


def routes(context: Context) -> list[BaseRoute]:
    out: list[BaseRoute] = [
        Route("/loki/api/v1/push", push.push(context), methods=["POST"]),
        Route("/api/prom/push", push.push(context, legacy=True), methods=["POST"]),
        Route("/loki/api/v1/query_range", query.range_query(context), methods=_READ),
        Route("/loki/api/v1/query", query.instant_query(context), methods=_READ),
        Route("/loki/api/v1/index/stats", labels.index_stats(context), methods=_READ),
        Route("/loki/api/v1/status/buildinfo", system.build_info(context)),
        WebSocketRoute("/loki/api/v1/tail", tail(context)),
        WebSocketRoute("/api/prom/tail", tail(context)),
        Route("/loki/api/v1/tail", _no_upgrade),
        Route("/ready", system.ready(context)),
        Route("/config", system.config(context)),
        Route("/services", system.services(context)),
        Route("/flush", system.flush(context), methods=_READ),
    ]
    for prefix in ("/loki/api/v1", "/api/prom"):
        out += [
            Route(f"{prefix}/labels", labels.labels(context), methods=_READ),
            Route(f"{prefix}/label", labels.labels(context), methods=_READ),
            Route(f"{prefix}/label/{{name}}/values", labels.label_values(context), methods=_READ),
            Route(f"{prefix}/series", labels.series(context), methods=_READ),
        ]
    return out


async def _no_upgrade(request: Request) -> Response:
    raise HTTPException(400, "Bad Request")
