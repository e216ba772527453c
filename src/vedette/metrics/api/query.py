"""``/api/v1/query``, ``query_range``, ``query_exemplars``, ``format_query``, ``parse_query``."""

from __future__ import annotations

import time
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
from vedette.metrics.api.query_log import QueryLog
from vedette.metrics.api.runner import QueryMetrics, QueryRunner, Ticket
from vedette.metrics.api.syntax_tree import show_tree
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.syntax.nodes import Expr
from vedette.model.time import format_rfc3339
from vedette.web.errors import ApiError

MOST_POINTS = 11_000


def routes(
    engine: Engine, runner: QueryRunner, metrics: QueryMetrics, query_log: QueryLog, *, now: Callable[[], int]
) -> list[Route]:
    async def answer(
        request: Request,
        params: Params,
        asked: dict[str, str],
        ask: Callable[[Ticket, int | None], QueryResult],
    ) -> Response:
        limit, lookback = params.limit(), _lookback(params)
        came_by = {
            "clientIP": request.client.host if request.client else "",
            "method": request.method,
            "path": request.url.path,
        }
        timeout, gzip, with_stats = params.duration("timeout"), wants_gzip(request), bool(params.get("stats"))

        def work(ticket: Ticket) -> tuple[bytes, bool]:
            started = time.perf_counter()
            try:
                result = ask(ticket, lookback)
            except ParseError as error:
                raise _refused(error) from None
            evaluated = time.perf_counter()
            stats = result.stats
            result, truncated = truncate(result, limit)
            data = encode_result(result)
            if with_stats:
                data = data[:-1] + b',"stats":' + orjson.dumps(show_stats(result, ticket)) + b"}"
            if result.trace is not None:
                data = data[:-1] + b',"trace":' + orjson.dumps(show_trace(result)) + b"}"
            warnings = [*result.warnings, TRUNCATED] if truncated else result.warnings
            body = compress(envelope(data, warnings=warnings, infos=result.infos), gzip=gzip)
            query_log.write(asked, show_stats(result, ticket), came_by)
            metrics.seconds.observe("prepare_time", stats.parse_s + stats.plan_s)
            metrics.seconds.observe("inner_eval", evaluated - started)
            metrics.seconds.observe("result_sort", time.perf_counter() - evaluated)
            return body

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
            {"query": text, "start": show_time(at), "end": show_time(at), "step": "0"},
            lambda ticket, lookback: engine.instant(
                text,
                at,
                lookback_ms=lookback,
                timeout_s=ticket.seconds_left,
                canceled=ticket.canceled,
                trace=trace,
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
            {"query": text, "start": show_time(start), "end": show_time(end), "step": f"{step / 1000:g}"},
            lambda ticket, lookback: engine.range(
                text,
                start,
                end,
                step,
                lookback_ms=lookback,
                timeout_s=ticket.seconds_left,
                canceled=ticket.canceled,
                trace=trace,
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


def show_time(milliseconds: int) -> str:
    """A time as the query log has it; the original text where no calendar reaches."""
    try:
        return format_rfc3339(milliseconds * 10**6, digits=3)
    except (ValueError, OverflowError, OSError):
        return f"{milliseconds / 1000:g}"


def show_stats(result: QueryResult, ticket: Ticket) -> dict[str, Any]:
    stats = result.stats
    prepare = stats.parse_s + stats.plan_s
    return {
        "timings": {
            "evalTotalTime": stats.eval_s + prepare,
            "resultSortTime": 0,
            "queryPreparationTime": prepare,
            "innerEvalTime": stats.eval_s,
            "execQueueTime": ticket.queued_s,
            "execTotalTime": ticket.queued_s + prepare + stats.eval_s,
        },
        "samples": {"totalQueryableSamples": stats.samples, "peakSamples": stats.peak_samples},
    }
