"""``/api/v1/query``, ``query_range``, ``query_exemplars``, ``format_query``, ``parse_query``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import TRUNCATED, compress, envelope, json_response, success, wants_gzip
from vedette.metrics.api.params import Params, bad_data, invalid
from vedette.metrics.api.plans import show_plan, show_trace
from vedette.metrics.api.runner import QueryRunner, Ticket
from vedette.metrics.api.syntax_tree import show_tree
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.syntax.nodes import Expr
from vedette.metrics.queries.asked import Asked, from_request
from vedette.metrics.queries.stats import show_stats
from vedette.metrics.queries.watch import QueryWatch
from vedette.model.labels import quote
from vedette.web.errors import ApiError

MOST_POINTS = 11_000


def routes(
    engine: Engine, runner: QueryRunner, watch: QueryWatch, *, now: Callable[[], int], per_step: bool = False
) -> list[Route]:
    """`per_step`: ``stats=all`` lists the samples of each step."""

    async def answer(
        request: Request,
        params: Params,
        asked: Asked,
        ask: Callable[[Ticket, int | None, bool], QueryResult],
    ) -> Response:
        limit, lookback = params.limit(), _lookback(params)
        client = request.client.host if request.client else ""
        origin = from_request(client, request.method, request.url.path)
        timeout, gzip, wanted = params.duration("timeout"), wants_gzip(request), params.get("stats")

        def work(ticket: Ticket) -> tuple[bytes, bool]:
            try:
                result = watch.evaluate(
                    asked,
                    origin,
                    lambda stats: ask(ticket, lookback, stats),
                    stats=bool(wanted),
                    queued_s=ticket.queued_s,
                )
            except ParseError as error:
                raise _refused(error) from None
            stats = result.stats
            result, truncated = truncate(result, limit)
            data = encode_result(result)
            if result.trace is not None:
                data = data[:-1] + b',"trace":' + orjson.dumps(show_trace(result)) + b"}"
            warnings = [*result.warnings, TRUNCATED] if truncated else result.warnings
            if wanted:
                steps = asked.times_s() if wanted == "all" and per_step else None
                shown = show_stats(stats, queued_s=ticket.queued_s, steps=steps)
                data = data[:-1] + b',"stats":' + orjson.dumps(shown) + b"}"
                warnings = [*warnings, *_deprecated_stats(wanted)]
            return compress(envelope(data, warnings=warnings, infos=result.infos), gzip=gzip)

        body, gzipped = await runner.run(request, work, timeout_s=None if timeout is None else timeout / 1000)
        return json_response(body, gzipped=gzipped)

    async def explained(request: Request, params: Params, start: int, end: int, step: int) -> Response:
        text, lookback = params.get("query"), _lookback(params)

        def work(ticket: Ticket) -> dict[str, Any]:
            try:
                return show_plan(engine, text, start, end, step, lookback)
            except ParseError as error:
                raise _refused(error) from None

        return success(await runner.run(request, work))

    async def instant(request: Request) -> Response:
        params = await Params.of(request)
        at, text, trace = params.time("time", now()), params.get("query"), params.flag("trace")
        if params.flag("explain"):
            return await explained(request, params, at, at, 0)
        return await answer(
            request,
            params,
            Asked(text, at, at, 0),
            lambda ticket, lookback, stats: engine.instant(
                text,
                at,
                lookback_ms=lookback,
                timeout_s=ticket.seconds_left,
                canceled=ticket.canceled,
                trace=trace,
                stats=stats,
            ),
        )

    async def range_(request: Request) -> Response:
        params = await Params.of(request)
        start, end, step = query_range(params)
        text, trace = params.get("query"), params.flag("trace")
        if params.flag("explain"):
            return await explained(request, params, start, end, step)
        return await answer(
            request,
            params,
            Asked(text, start, end, step),
            lambda ticket, lookback, stats: engine.range(
                text,
                start,
                end,
                step,
                lookback_ms=lookback,
                timeout_s=ticket.seconds_left,
                canceled=ticket.canceled,
                trace=trace,
                stats=stats,
            ),
        )

    async def format_query(request: Request) -> Response:
        return success(str(_parsed(await Params.of(request), engine)))

    async def parse_query(request: Request) -> Response:
        return success(show_tree(_parsed(await Params.of(request), engine)))

    async def exemplars(request: Request) -> Response:
        # Exemplars are not stored, so no series has any.
        params = await Params.of(request)
        _parsed(params, engine)
        start, end = params.time("start", 0), params.time("end", now())
        if end < start:
            raise invalid("end", "end timestamp must not be before start timestamp")
        return success([])

    either = ["GET", "POST"]
    return [
        Route("/query", instant, methods=either),
        Route("/query_range", range_, methods=either),
        Route("/query_exemplars", exemplars, methods=either),
        Route("/format_query", format_query, methods=either),
        Route("/parse_query", parse_query, methods=either),
    ]


def query_range(params: Params) -> tuple[int, int, int]:
    """Start, end and step in milliseconds. Raises `ApiError` for a range that makes no sense or is too fine."""
    start, end = params.required_time("start"), params.required_time("end")
    if end < start:
        raise invalid("end", "end timestamp must not be before start time")
    step = params.required_duration("step")
    if step <= 0:
        raise invalid(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        )
    if (end - start) // step > MOST_POINTS:
        raise bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    return start, end, step


def _lookback(params: Params) -> int | None:
    text = params.get("lookback_delta")
    if not text:
        return None
    try:
        found = params.duration("lookback_delta")
    except Exception as error:
        raise bad_data(f"error parsing lookback delta duration: {error}") from None
    return found or None


def _deprecated_stats(value: str) -> list[str]:
    if value in ("true", "all"):
        return []
    return [
        f'value {quote(value)} for parameter "stats" is deprecated and will be rejected in the next major release, '
        'use "true" or "all"'
    ]


def _refused(error: ParseError) -> ApiError:
    # The wrong kind of result is no fault of the text, and is said without a place in it.
    of_type = error.message.startswith("invalid expression type")
    return invalid("query", error.message if of_type else error)


def _parsed(params: Params, engine: Engine) -> Expr:
    try:
        return engine.parse(params.get("query"))
    except ParseError as error:
        raise invalid("query", error) from None


def truncate(result: QueryResult, limit: int) -> tuple[QueryResult, bool]:
    """The first `limit` series of a vector or matrix, and whether there were more."""
    if not limit or result.rows <= limit or result.kind not in ("vector", "matrix"):
        return result, False
    samples = result.samples
    if samples is not None:
        stop = int(samples.offsets[limit])
        samples = replace(
            samples,
            offsets=samples.offsets[: limit + 1],
            timestamps=samples.timestamps[:stop],
            values=samples.values[:stop],
            histograms=None if samples.histograms is None else samples.histograms[:stop],
        )
    kept = replace(
        result,
        table=result.table.take(slice(0, limit)),
        values=np.ascontiguousarray(result.values[:limit]),
        present=np.ascontiguousarray(result.present[:limit]),
        histograms=None if result.histograms is None else result.histograms[:limit],
        samples=samples,
    )
    return kept, True
