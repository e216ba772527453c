"""``/api/v1/status/*`` and ``/api/v1/features``: what runs here, and with which settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import success
from vedette.metrics.api.params import Params, bad_data
from vedette.metrics.api.workers import Workers

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class StatusSource:
    """Where the answers come from; each is asked at every request."""

    config: Callable[[], str]  # YAML, secrets hidden
    flags: Mapping[str, str]
    runtime: Callable[[], dict[str, Any]]
    build: Mapping[str, str]
    tsdb: Callable[[int], dict[str, Any]]  # takes the number of rows of each table
    blocks: Callable[[], list[dict[str, Any]]]
    replay: Callable[[], dict[str, int]]
    features: Mapping[str, Mapping[str, bool]]


def routes(source: StatusSource, workers: Workers) -> list[Route]:
    async def config(request: Request) -> Response:
        return success({"yaml": source.config()})

    async def flags(request: Request) -> Response:
        return success(dict(source.flags))

    async def runtime(request: Request) -> Response:
        return success(source.runtime())

    async def build(request: Request) -> Response:
        return success(dict(source.build))

    async def tsdb(request: Request) -> Response:
        limit = _table_rows(await Params.of(request))
        return success(await workers.run(lambda: source.tsdb(limit)))

    async def blocks(request: Request) -> Response:
        return success({"blocks": await workers.run(source.blocks)})

    async def replay(request: Request) -> Response:
        return success(source.replay())

    async def features(request: Request) -> Response:
        return success({name: dict(group) for name, group in source.features.items()})

    return [
        Route("/status/config", config),
        Route("/status/flags", flags),
        Route("/status/runtimeinfo", runtime),
        Route("/status/buildinfo", build),
        Route("/status/tsdb", tsdb),
        Route("/status/tsdb/blocks", blocks),
        Route("/status/walreplay", replay),
        Route("/features", features),
    ]


def _table_rows(params: Params) -> int:
    text = params.get("limit")
    if not text:
        return 10
    if not text.isdigit() or int(text) < 1:
        raise bad_data("limit must be a positive number")
    if int(text) > MOST_ROWS:
        raise bad_data(f"limit must not exceed {MOST_ROWS}")
    return int(text)
