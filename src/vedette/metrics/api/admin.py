"""``/api/v1/admin/tsdb/*``: deleting, behind ``--web.enable-admin-api``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.matching import parse_matchers, require_texts
from vedette.metrics.api.params import MAX_API_TIME, MIN_API_TIME, Params, bad_data
from vedette.metrics.api.workers import Workers
from vedette.metrics.tsdb.database import Database
from vedette.web.errors import ApiError


def routes(store: Database, workers: Workers, *, enabled: bool) -> list[Route]:
    def check() -> None:
        if not enabled:
            raise ApiError(500, "unavailable", "admin APIs disabled")

    async def delete_series(request: Request) -> Response:
        check()
        params = await Params.of(request)
        sets = parse_matchers(require_texts(params.all("match[]")), name="match[]")
        mint, maxt = params.time("start", MIN_API_TIME), params.time("end", MAX_API_TIME)
        if maxt < mint:
            raise bad_data("end timestamp must not be before start time")

        def work() -> None:
            # Without any matcher nothing is chosen, rather than everything.
            for matchers in filter(None, sets):
                store.delete_series(matchers, mint, maxt)

        await workers.run(work)
        return Response(status_code=204)

    async def clean_tombstones(request: Request) -> Response:
        check()
        await workers.run(store.clean_tombstones)
        return Response(status_code=204)

    writing = ["POST", "PUT"]
    return [
        Route("/admin/tsdb/delete_series", delete_series, methods=writing),
        Route("/admin/tsdb/clean_tombstones", clean_tombstones, methods=writing),
    ]
