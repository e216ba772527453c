"""``/api/v1/targets``, ``/api/v1/scrape_pools`` and the steps of relabelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import success
from vedette.metrics.api.params import Params, bad_data, invalid
from vedette.metrics.config import ScrapeConfig
from vedette.metrics.relabel import RelabelConfig, process
from vedette.metrics.scrape import Targets
from vedette.model.labels import Labels
from vedette.web.errors import ApiError


class Scraped(Protocol):
    """The part of the scrape manager that is shown."""

    def targets(self, pool: str = "") -> Targets: ...

    def scrape_pools(self) -> list[str]: ...

    def pool_config(self, pool: str) -> ScrapeConfig | None: ...


def routes(scraped: Scraped) -> list[Route]:
    def pool(params: Params) -> ScrapeConfig:
        name = params.get("scrapePool")
        if not name:
            raise bad_data("no scrapePool parameter provided")
        found = scraped.pool_config(name)
        if found is None:
            raise ApiError(404, "not_found", f'scrape pool "{name}" not found')
        return found

    async def targets(request: Request) -> Response:
        params = await Params.of(request)
        state = params.get("state").lower()
        found = scraped.targets(params.get("scrapePool"))
        active = state not in ("dropped",)
        dropped = state not in ("active",)
        return success(
            {
                "activeTargets": [target.to_json() for target in found.active] if active else [],
                "droppedTargets": [target.to_json() for target in found.dropped] if dropped else [],
                "droppedTargetCounts": dict(found.dropped_counts) if dropped else {},
            }
        )

    async def pools(request: Request) -> Response:
        return success({"scrapePools": scraped.scrape_pools()})

    async def steps(request: Request) -> Response:
        params = await Params.of(request)
        config = pool(params)
        try:
            given = orjson.loads(params.get("labels"))
            labels = Labels({str(name): str(value) for name, value in given.items()})
        except (orjson.JSONDecodeError, AttributeError) as error:
            raise invalid("labels", f"error parsing labels: {error}") from None
        return success({"steps": relabel_steps(labels, config.relabel_configs)})

    return [
        Route("/targets", targets),
        Route("/targets/relabel_steps", steps),
        Route("/scrape_pools", pools),
    ]


def relabel_steps(labels: Labels, configs: Sequence[RelabelConfig]) -> list[dict[str, Any]]:
    """What each rule makes of what the one before left, up to the one that drops the target."""
    steps: list[dict[str, Any]] = []
    current: Labels | None = labels
    for config in configs:
        if current is None:
            break
        current = process(current, [config])
        rule = config.model_dump(mode="json", exclude_defaults=True)
        output = {} if current is None else current.to_dict()
        steps.append({"rule": rule, "output": output, "keep": current is not None})
    return steps
