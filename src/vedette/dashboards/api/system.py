"""Health, settings, and Vedette's own status page."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette import __version__
from vedette.client.http import HttpClient
from vedette.dashboards.api.errors import json
from vedette.dashboards.catalogue import Catalogue
from vedette.dashboards.datasources import DataSources
from vedette.dashboards.health import Door, RoleHealth, ask_all, target_summary

# The release whose API this is: clients pick paths and shapes by it.
GRAFANA_VERSION = "11.6.0"


class SystemRoutes:
    """The handlers that speak about this role and its neighbours."""

    def __init__(
        self, client: HttpClient, doors: Sequence[Door], sources: DataSources, catalogue: Catalogue
    ) -> None:
        self._client, self._doors, self._sources, self._catalogue = client, doors, sources, catalogue

    def routes(self) -> list[Route]:
        return [
            Route("/api/health", self.health),
            Route("/healthz", self.healthz),
            Route("/-/ready", self.healthz),
            Route("/-/healthy", self.healthz),
            Route("/api/frontend/settings", self.settings),
            Route("/api/org", self.org),
            Route("/api/user", self.user),
            Route("/api/vedette/status", self.status),
        ]

    async def health(self, request: Request) -> Response:
        return json({"commit": "", "database": "ok", "version": GRAFANA_VERSION, "vedette": __version__})

    async def healthz(self, request: Request) -> Response:
        return PlainTextResponse("Ok")

    async def settings(self, request: Request) -> Response:
        described = {s.name: self._sources.describe(s) for s in self._sources}
        default = next((s.name for s in self._sources if s.is_default), "")
        return json(
            {
                "datasources": described,
                "defaultDatasource": default,
                "buildInfo": {"version": GRAFANA_VERSION, "commit": "", "env": "production"},
            }
        )

    async def org(self, request: Request) -> Response:
        return json({"id": 1, "name": "Main Org."})

    async def user(self, request: Request) -> Response:
        return json({"id": 1, "uid": "anonymous", "login": "anonymous", "name": "", "email": "", "orgId": 1})

    async def status(self, request: Request) -> Response:
        """Every role with its state, the targets in numbers, and dashboard files that are not served."""
        metrics = next((s for s in self._sources if s.type == "prometheus"), None)

        async def targets() -> dict[str, object]:
            if metrics is None:
                return {"error": "no metrics data source is configured"}
            return await target_summary(self._client, metrics)

        roles, summary = await asyncio.gather(ask_all(self._client, self._doors), targets())
        own = RoleHealth("dashboards", "Dashboards", str(request.base_url).rstrip("/"), "ready", __version__)
        return json(
            {
                "version": __version__,
                "roles": [dataclasses.asdict(role) for role in [*roles, own]],
                "targets": summary,
                "dashboards": {
                    "total": len(self._catalogue.all()),
                    "problems": [dataclasses.asdict(problem) for problem in self._catalogue.problems],
                },
            }
        )
