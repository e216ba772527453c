"""``/`` and the paths of the original's web UI: all lead to the dashboards, where such pages are."""

from __future__ import annotations

import html
import itertools
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

EXPLORE = "/explore/metrics"

# Paths of the original's UI, and where in ours the same is seen.
PAGES = {
    "/graph": EXPLORE,
    "/query": EXPLORE,
    "/alerts": "/alerting",
    "/rules": "/alerting",
    "/targets": "/targets",
    "/service-discovery": "/targets",
    "/status": "/targets",
    "/tsdb-status": "/targets",
    "/flags": "/targets",
    "/config": "/targets",
}

_INDEX = (
    "/api/v1/query?query=up",
    "/api/v1/targets",
    "/api/v1/rules",
    "/api/v1/alerts",
    "/api/v1/status/config",
    "/api/v1/status/tsdb",
    "/metrics",
    "/-/ready",
)


def routes(ui_url: str, prefix: str = "") -> list[Route]:
    """`ui_url` is the address of the dashboards role, or empty; `prefix` stands before every path of ours."""
    ui = ui_url.rstrip("/")

    async def index(request: Request) -> Response:
        return HTMLResponse(_page(ui, prefix))

    async def page(request: Request) -> Response:
        if not ui:
            return RedirectResponse(f"{prefix}/", 302)
        place = PAGES[request.url.path.removeprefix(prefix)]
        query = explore_query(request.query_params) if place == EXPLORE else ""
        return RedirectResponse(f"{ui}{place}{query}", 302)

    return [Route("/", index), *(Route(path, page) for path in PAGES)]


def explore_query(graph: Mapping[str, str]) -> str:
    """The parameters of a graph link (``g0.expr``, ``g0.range_input``), as alerts carry them, for our page."""
    panels = itertools.takewhile(graph.__contains__, (f"g{number}.expr" for number in itertools.count()))
    asked = [("q", graph[name]) for name in panels]
    if asked and (span := graph.get("g0.range_input")):
        asked += [("from", f"now-{span}"), ("to", "now")]
    return f"?{urlencode(asked)}" if asked else ""


def _page(ui: str, prefix: str) -> str:
    links = "".join(
        f'<li><a href="{quote(prefix + path, safe="/?=&-")}">{html.escape(path)}</a></li>' for path in _INDEX
    )
    where = (
        f'<p>Graphs, alerts and targets are at <a href="{html.escape(ui)}">{html.escape(ui)}</a>.</p>'
        if ui
        else "<p>Start the dashboards role (<code>vedette dashboards</code>) to see graphs.</p>"
    )
    return (
        "<!doctype html><meta charset=utf-8><title>Vedette metrics</title>"
        "<style>body{font:15px/1.5 system-ui,sans-serif;margin:3rem;max-width:40rem}"
        "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}</style>"
        f"<h1>Vedette metrics</h1>{where}<ul>{links}</ul>"
    )
