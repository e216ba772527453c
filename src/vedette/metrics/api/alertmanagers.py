"""``/api/v1/alertmanagers``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import success


def routes(active: Callable[[], Sequence[str]], dropped: Callable[[], Sequence[str]]) -> list[Route]:
    """`active` and `dropped` give addresses of Alertmanagers; dropped ones fell to `relabel_configs`."""

    async def alertmanagers(request: Request) -> Response:
        return success(
            {
                "activeAlertmanagers": [{"url": url} for url in active()],
                "droppedAlertmanagers": [{"url": url} for url in dropped()],
            }
        )

    return [Route("/alertmanagers", alertmanagers)]
