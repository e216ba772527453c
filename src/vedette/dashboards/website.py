"""The built web UI: one page for every address of the application, its files cached for ever by their hashes."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from vedette.web.errors import ApiError

STATIC = Path(__file__).parent / "static"

# What the application draws; everything else is not found.
PAGES = (
    "/",
    "/d/{uid}",
    "/d/{uid}/{slug}",
    "/dashboards",
    "/explore",
    "/explore/{kind}",
    "/alerting",
    "/alerting/{path:path}",
    "/targets",
)

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

_MISSING = """<!doctype html><meta charset="utf-8"><title>Vedette</title>
<body style="font: 16px system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>The web UI is not built</h1><p>The API works. Build the pages with <code>make setup</code>
(or <code>python tools/build_ui.py --source ui --output src/vedette/dashboards/static</code>) and reload.</p>"""


class _Hashed(StaticFiles):
    """Files whose names carry a hash of their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code < 300:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def website_routes(directory: Path = STATIC) -> list[BaseRoute]:
    """The UI's routes; they come last, after the API's."""
    index = directory / "index.html"

    async def page(request: Request) -> Response:
        if not index.is_file():
            return HTMLResponse(_MISSING, 503, headers={"Cache-Control": "no-store"})
        return FileResponse(index, headers=_HEADERS)

    async def icon(request: Request) -> Response:
        path = directory / "favicon.svg"
        return FileResponse(path) if path.is_file() else PlainTextResponse("", 404)

    async def old_dashboards(request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/d/{request.path_params['uid']}{query}", 302)

    async def unknown_api(request: Request) -> Response:
        raise ApiError(404, "", "Not found")

    routes: list[BaseRoute] = [
        Route("/api/{path:path}", unknown_api, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/favicon.svg", icon),
        Route("/d-solo/{uid}/{slug}", old_dashboards),
        *(Route(path, page) for path in PAGES),
    ]
    assets = directory / "assets"
    if assets.is_dir():
        routes.append(Mount("/assets", _Hashed(directory=assets), name="assets"))
    return routes
