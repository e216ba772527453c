"""What every exporter's door has in common: the index page, ``/metrics``, and a limit to scrapes at once."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from vedette import __version__
from vedette.exporters.page import CONTENT_TYPE
from vedette.web.app import create_app
from vedette.web.errors import plain_error
from vedette.web.selfmetrics import new_registry

Scrape = Callable[[Request], Awaitable[bytes]]

_INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:40rem;padding:0 1rem}}
@media(prefers-color-scheme:dark){{body{{background:#111;color:#ddd}}a{{color:#8cf}}}}</style></head>
<body><h1>{title}</h1><p>Vedette {version}. {about}</p><ul>{links}</ul></body></html>
"""


def index_page(title: str, about: str, links: Sequence[tuple[str, str]]) -> Route:
    """The page at ``/``: what this is, and its doors as (address, text)."""
    items = "".join(f'<li><a href="{html.escape(url)}">{html.escape(text)}</a></li>' for url, text in links)
    body = _INDEX.format(title=html.escape(title), about=html.escape(about), version=__version__, links=items)

    async def index(request: Request) -> Response:
        return HTMLResponse(body)

    return Route("/", index)


class ScrapeDoor:
    """An endpoint that answers with the page of `scrape`, then the exporter's own metrics.

    More than `max_at_once` scrapes at a time are refused with 503; 0 refuses none.
    """

    def __init__(
        self, scrape: Scrape, *, registry: CollectorRegistry | None = None, max_at_once: int = 40
    ) -> None:
        self._scrape = scrape
        self._registry = registry
        self._limit = asyncio.Semaphore(max_at_once) if max_at_once else None

    async def __call__(self, request: Request) -> Response:
        if self._limit is None:
            return await self._answer(request)
        if self._limit.locked():
            return PlainTextResponse("Limit of concurrent requests reached, try again later.\n", 503)
        async with self._limit:
            return await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        body = await self._scrape(request)
        if self._registry is not None:
            body += await asyncio.to_thread(generate_latest, self._registry)
        return Response(body, headers={"Content-Type": CONTENT_TYPE})


def exporter_app(
    prefix: str,
    scrape: Scrape,
    *,
    title: str,
    about: str,
    telemetry_path: str = "/metrics",
    links: Sequence[tuple[str, str]] = (),
    routes: Sequence[BaseRoute] = (),
    own_metrics: bool = True,
    max_at_once: int = 40,
) -> Starlette:
    """An exporter's application. `prefix` starts its own metrics' names, such as ``node_exporter``."""
    registry = new_registry(prefix)
    metrics = ScrapeDoor(scrape, registry=registry if own_metrics else None, max_at_once=max_at_once)

    async def answer(request: Request) -> Response:
        return await metrics(request)

    return create_app(
        prefix,
        [
            index_page(title, about, [(telemetry_path, "Metrics"), *links]),
            Route(telemetry_path, answer, methods=["GET", "HEAD"]),
            *routes,
        ],
        registry=registry,
        on_error=plain_error,
    )


def scrape_timeout(request: Request) -> float | None:
    """Seconds that the scraper will wait, less a margin for the answer's way back; None when it doesn't say."""
    try:
        seconds = float(request.headers.get("X-Prometheus-Scrape-Timeout-Seconds", ""))
    except ValueError:
        return None
    return max(0.1, seconds - 0.25) if seconds > 0 else None
