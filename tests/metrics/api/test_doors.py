"""Lifecycle, pages, cross-origin answers, and doors that open late."""

from __future__ import annotations

import pytest
from starlette.middleware import Middleware
from starlette.routing import Mount

from support.doors import Doors
from vedette.config.problems import ConfigError, Problem
from vedette.metrics.api import lifecycle, pages
from vedette.metrics.api.cors import Cors
from vedette.metrics.api.late import LateRoutes, under


class Server:
    ready = True
    reloads = 0
    quits = 0
    broken = False

    async def reload(self) -> None:
        if self.broken:
            raise ConfigError([Problem("prometheus.yml", 3, 1, "global", "no such key")])
        self.reloads += 1

    def quit(self) -> None:
        self.quits += 1

    def doors(self, *, enabled: bool = True) -> Doors:
        return Doors(
            lifecycle.routes(is_ready=lambda: self.ready, reload=self.reload, quit=self.quit, enabled=enabled)
        )


async def test_healthy_and_ready() -> None:
    server = Server()
    async with server.doors() as client:
        assert (await client.get("/-/healthy")).body == b"Prometheus Server is Healthy.\n"
        assert (await client.ask("HEAD", "/-/ready")).status == 200
        server.ready = False
        answer = await client.get("/-/ready")
        assert (answer.status, answer.body) == (503, b"Service Unavailable")
        assert (await client.get("/-/healthy")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_reload_and_quit(method: str) -> None:
    server = Server()
    async with server.doors() as client:
        assert (await client.ask(method, "/-/reload")).status == 200
        assert (await client.ask(method, "/-/quit")).body == b"Requesting termination... Goodbye!"
        server.broken = True
        answer = await client.ask(method, "/-/reload")
        assert answer.status == 500
        assert answer.body == b"failed to reload config: prometheus.yml:3: global: no such key\n"
    assert (server.reloads, server.quits) == (1, 1)


async def test_lifecycle_doors_are_shut_unless_enabled() -> None:
    server = Server()
    async with server.doors(enabled=False) as client:
        answer = await client.post("/-/reload")
        assert (answer.status, answer.body) == (403, b"Lifecycle API is not enabled.")
        assert (await client.post("/-/quit")).status == 403
        assert (await client.get("/-/reload")).status == 405
    assert (server.reloads, server.quits) == (0, 0)


async def test_pages_of_the_original_lead_to_the_dashboards() -> None:
    async with Doors(under("/prom", pages.routes("http://ui:3000/", "/prom"))) as client:
        link = "/prom/graph?g0.expr=up+%3D%3D+0&g0.tab=1&g1.expr=x&g0.range_input=2h"
        answer = await client.get(link)
        assert answer.status == 302
        assert (
            answer.headers["Location"]
            == "http://ui:3000/explore/metrics?q=up+%3D%3D+0&q=x&from=now-2h&to=now"
        )
        assert (await client.get("/prom/targets")).headers["Location"] == "http://ui:3000/targets"
        index = (await client.get("/prom/")).body.decode()
        assert "/prom/metrics" in index
        assert "http://ui:3000" in index
    async with Doors(pages.routes("")) as client:
        assert (await client.get("/alerts")).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        (".*", "http://x", "*"),
        ("https?://(a|b)", "http://a", "http://a"),
        ("https?://(a|b)", "http://c", None),
    ],
)
async def test_cross_origin(pattern: str, origin: str, allowed: str | None) -> None:
    async with Doors(pages.routes(""), [Middleware(Cors, origin=pattern)]) as client:
        headers = {"Origin": origin}
        for answer in (
            await client.ask("GET", "/", headers=headers),
            await client.ask("OPTIONS", "/api/v1/query", headers=headers),
        ):
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert answer.status == 204
        assert "Access-Control-Allow-Origin" not in (await client.get("/")).headers


async def test_late_doors() -> None:
    late = LateRoutes()
    async with Doors([Mount("", app=late)]) as client:
        answer = await client.get("/api/v1/query")
        assert (answer.status, answer.body) == (503, b"Service Unavailable")
        late.open(under("/api/v1", pages.routes("")))
        assert (await client.get("/api/v1/")).status == 200
        assert (await client.get("/api/v1/none")).status == 404
        assert (await client.post("/api/v1/")).status == 405
