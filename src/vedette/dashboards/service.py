"""The dashboards role: options in, an ASGI application and its background services out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from starlette.types import ASGIApp

from vedette.client.http import HttpClient
from vedette.config.log import get_logger
from vedette.dashboards.api.dashboards import DashboardRoutes
from vedette.dashboards.api.datasources import DataSourceRoutes
from vedette.dashboards.api.errors import grafana_error
from vedette.dashboards.api.proxy import ProxyRoutes
from vedette.dashboards.api.system import SystemRoutes
from vedette.dashboards.catalogue import Catalogue
from vedette.dashboards.datasources import DataSources, door_sources, merge
from vedette.dashboards.health import door
from vedette.dashboards.library import Folder, Library
from vedette.dashboards.provisioning import Provisioned, read_provisioning
from vedette.dashboards.store import DashboardStore
from vedette.dashboards.website import STATIC, website_routes
from vedette.web.app import create_app
from vedette.web.role import Listen
from vedette.web.selfmetrics import new_registry

_log = get_logger("dashboards")

INTERVAL_REFRESH_S = 60.0


@dataclass(frozen=True)
class DashboardsOptions:
    """What the role is started with. An empty address means that there is no such role here."""

    data_dir: Path
    dashboard_dirs: tuple[Path, ...] = ()
    provisioning_dir: Path | None = None
    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 3000))
    metrics_url: str = "http://127.0.0.1:9090"
    logs_url: str = "http://127.0.0.1:3100"
    alerts_url: str = "http://127.0.0.1:9093"
    # Roles besides the three doors that Home shows, by name ("ship", "traces", "node", ...).
    other_roles: Mapping[str, str] = field(default_factory=dict)
    static_dir: Path = STATIC


class DashboardsRole:
    """`async with` starts reading and watching dashboards; `app` serves them and the UI."""

    name = "dashboards"

    def __init__(self, options: DashboardsOptions) -> None:
        """:raises ConfigError: when a provisioning file cannot be read as one."""
        self._options = options
        provisioned = _provisioned(options)
        for note in provisioned.notes:
            _log.warning(note)
        doors = door_sources(options.metrics_url, options.logs_url, options.alerts_url)
        self._sources = DataSources(merge(doors, provisioned.sources))
        folders = [Folder(path) for path in options.dashboard_dirs] + list(provisioned.folders)
        self._library = Library(folders, tuple(self._sources))
        self._store = DashboardStore(options.data_dir / "dashboards.db")
        self._catalogue = Catalogue(self._library, self._store, tuple(self._sources))
        self._client = HttpClient(None)
        self._tasks: list[asyncio.Task[None]] = []
        self._app = self._build()

    @property
    def listen(self) -> Listen:
        return self._options.listen

    @property
    def app(self) -> ASGIApp:
        return self._app

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        await self._catalogue.load()
        self._tasks = [
            asyncio.create_task(self._library.watch(), name="dashboards: watch files"),
            asyncio.create_task(self._follow_intervals(), name="dashboards: scrape intervals"),
        ]
        _log.info(
            "dashboards loaded",
            dashboards=len(self._catalogue.all()),
            problems=len(self._catalogue.problems),
            sources=",".join(source.uid for source in self._sources),
        )
        return self

    async def __aexit__(self, *exc: Any) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._client.__aexit__(None, None, None)
        self._store.close()

    async def reload(self) -> None:
        """Reads the dashboards again.

        :raises ConfigError: when a provisioning file became unreadable; nothing changes then.
        """
        _provisioned(self._options)
        await self._catalogue.load()

    async def _follow_intervals(self) -> None:
        while True:
            await self._sources.learn_intervals(self._client)
            await asyncio.sleep(INTERVAL_REFRESH_S)

    def _build(self) -> ASGIApp:
        options = self._options
        doors = [
            door(name, url)
            for name, url in (
                ("metrics", options.metrics_url),
                ("alerts", options.alerts_url),
                ("logs", options.logs_url),
                *options.other_roles.items(),
            )
            if url
        ]
        return create_app(
            "grafana",
            [
                *SystemRoutes(self._client, doors, self._sources, self._catalogue).routes(),
                *DashboardRoutes(self._catalogue).routes(),
                *DataSourceRoutes(self._sources, self._client).routes(),
                *ProxyRoutes(self._sources, self._client).routes(),
                *website_routes(options.static_dir),
            ],
            registry=new_registry("grafana"),
            on_error=grafana_error,
        )


def _provisioned(options: DashboardsOptions) -> Provisioned:
    if options.provisioning_dir is None:
        return Provisioned()
    return read_provisioning(options.provisioning_dir)
