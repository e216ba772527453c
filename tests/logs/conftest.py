"""A logs role on a free port, with a clock that the tests own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from vedette.logs.service import LogsOptions, LogsRole
from vedette.web.role import Listen, WebServer

T0 = 1_767_571_200 * 10**9  # 2026-01-05T00:00:00Z
SECOND = 10**9


class Door:
    """Asks a running role."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self.session = url, session

    async def push(self, *streams: tuple[dict[str, str], list[Any]]) -> tuple[int, str]:
        body = {"streams": [{"stream": labels, "values": values} for labels, values in streams]}
        return await self.push_body(json.dumps(body).encode(), {"Content-Type": "application/json"})

    async def push_body(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with self.session.post(f"{self.url}/loki/api/v1/push", data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def get(self, path: str, **params: str) -> tuple[int, Any]:
        async with self.session.get(self.url + path, params=params) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if "json" in answer.content_type else text

    async def lines(self, query: str, **params: str) -> list[str]:
        """The lines of a query over the first two hours, oldest first unless `direction` says otherwise."""
        asked = {
            "start": str(T0),
            "end": str(T0 + 7200 * SECOND),
            "direction": "forward",
            "query": query,
        } | params
        status, body = await self.get("/loki/api/v1/query_range", **asked)
        assert status == 200, body
        entries = [(int(when), line) for s in body["data"]["result"] for when, line, *_ in s["values"]]
        entries.sort(key=lambda e: e[0], reverse=asked["direction"] == "backward")
        return [line for _, line in entries]


@pytest.fixture
def options(tmp_path: Path) -> LogsOptions:
    config = tmp_path / "loki-config.yml"
    config.write_text("auth_enabled: false\n")
    return LogsOptions(config, tmp_path / "data", Listen("127.0.0.1", 0), clock=lambda: T0 + 7200 * SECOND)


@pytest.fixture
async def door(options: LogsOptions) -> AsyncIterator[Door]:
    role = LogsRole(options)
    async with (
        role,
        WebServer(role.app, role.listen, role="logs") as server,
        aiohttp.ClientSession() as session,
    ):
        yield Door(f"http://{server.address}", session)
