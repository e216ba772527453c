"""`/api/datasources/*` without the proxy."""

from __future__ import annotations

import time

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.client.http import HttpClient
from vedette.dashboards.api.errors import json
from vedette.dashboards.datasources import DataSources
from vedette.dashboards.model.sources import DataSource
from vedette.web.errors import ApiError

_PROBE = {
    "prometheus": "/api/v1/query?query=1%2B1",
    "loki": "/loki/api/v1/labels",
    "alertmanager": "/api/v2/status",
}


class DataSourceRoutes:
    """The handlers over the role's sources."""

    def __init__(self, sources: DataSources, client: HttpClient) -> None:
        self._sources, self._client = sources, client

    def routes(self) -> list[Route]:
        return [
            Route("/api/datasources", self.all),
            Route("/api/datasources/uid/{uid}", self.by_uid),
            Route("/api/datasources/uid/{uid}/health", self.health),
            Route("/api/datasources/name/{name}", self.by_name),
            Route("/api/datasources/id/{name}", self.id_by_name),
            Route("/api/datasources/{number:int}", self.by_number),
        ]

    async def all(self, request: Request) -> Response:
        return json([self._sources.describe(source) for source in self._sources])

    async def by_uid(self, request: Request) -> Response:
        return self._one(self._sources.by_uid(request.path_params["uid"]))

    async def by_name(self, request: Request) -> Response:
        return self._one(self._sources.by_name(request.path_params["name"]))

    async def by_number(self, request: Request) -> Response:
        return self._one(self._sources.by_number(request.path_params["number"]))

    async def id_by_name(self, request: Request) -> Response:
        return json({"id": _found(self._sources.by_name(request.path_params["name"])).number})

    async def health(self, request: Request) -> Response:
        """Asks the source itself a small question."""
        source = _found(self._sources.by_uid(request.path_params["uid"]))
        started = time.perf_counter()
        try:
            async with self._client.request(
                "GET", source.url + _PROBE[source.type], headers=source.headers, timeout_s=5
            ) as response:
                status = response.status
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            return json({"status": "ERROR", "message": f"{source.name} does not answer: {error}"}, 400)
        if status >= 400:
            return json({"status": "ERROR", "message": f"{source.name} answered {status}"}, 400)
        took = (time.perf_counter() - started) * 1000
        return json({"status": "OK", "message": f"{source.name} answered in {took:.0f} ms"})

    def _one(self, source: DataSource | None) -> Response:
        return json(self._sources.describe(_found(source)))


def _found(source: DataSource | None) -> DataSource:
    if source is None:
        raise ApiError(404, "not-found", "Data source not found")
    return source
