"""The dashboards role on a free port, in front of made-up doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio

from support.made_up_doors import AlertsDoor, Seen, logs_door, metrics_door
from vedette.dashboards.service import DashboardsOptions, DashboardsRole
from vedette.web.role import Listen, WebServer


@dataclass
class Running:
    """A role that is up, what its doors were asked, and a client for it."""

    url: str
    role: DashboardsRole
    session: aiohttp.ClientSession
    directory: Path
    seen: Seen
    alerts: AlertsDoor
    doors: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.get(self.url + path, **options) as answer:
            return answer.status, await answer.json(content_type=None)

    async def send(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.url + path, **options) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """Everything up; `directory` is empty and watched."""
    directory = tmp_path / "dashboards"
    directory.mkdir()
    seen, alerts = Seen(), AlertsDoor()
    async with AsyncExitStack() as stack:
        doors = {}
        for name, app in (
            ("metrics", metrics_door(seen)),
            ("logs", logs_door(seen)),
            ("alerts", alerts.app()),
        ):
            server = await stack.enter_async_context(WebServer(app, Listen("127.0.0.1", 0), role=name))
            doors[name] = f"http://{server.address}"
        role = DashboardsRole(
            DashboardsOptions(
                data_dir=tmp_path / "data",
                dashboard_dirs=(directory,),
                listen=Listen("127.0.0.1", 0),
                metrics_url=doors["metrics"],
                logs_url=doors["logs"],
                alerts_url=doors["alerts"],
                other_roles={"ship": "http://127.0.0.1:1"},
            )
        )
        await stack.enter_async_context(role)
        server = await stack.enter_async_context(WebServer(role.app, role.listen, role="dashboards"))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Running(f"http://{server.address}", role, session, directory, seen, alerts, doors)
