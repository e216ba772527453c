"""`/loki/api/v1/query_range` and `/loki/api/v1/query`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from vedette.logs.api import results
from vedette.logs.api.context import Context
from vedette.logs.api.parameters import (
    Parameters,
    RangeParameters,
    bad_request,
    check_length,
    parse_time,
    range_parameters,
)
from vedette.logs.logql.run.logs import LogRequest, run_log_query
from vedette.logs.logql.run.matrix import Grid, Scalar
from vedette.logs.logql.run.metrics import run_metric_query
from vedette.logs.logql.run.source import Stats
from vedette.logs.logql.syntax import LogQLError, parse_query
from vedette.logs.logql.syntax import nodes as n

Handler = Callable[[Request], Awaitable[Response]]
_NOT_INSTANT = (
    "log queries are not supported as an instant query type, please change your query to a range query type"
)


def parsed(text: str) -> n.Query:
    """Raises `ApiError`."""
    try:
        return parse_query(text)
    except LogQLError as error:
        raise bad_request(str(error)) from None


def range_query(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        asked = range_parameters(await Parameters.of(request), context.clock())
        query = parsed(asked.query)
        if isinstance(query, n.LogQuery):
            flags = request.headers.get("x-loki-response-encoding-flags", "")
            return await _log_query(context, query, asked, results.CATEGORIZE in flags.split(","))
        return await _range_metric(context, query, asked)

    return handle


def instant_query(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        parameters = await Parameters.of(request)
        parameters.limit()
        try:
            when = parse_time(parameters.get("time")) if parameters.get("time") else context.clock()
        except ValueError as error:
            raise bad_request(str(error)) from None
        parameters.backward()
        query = parsed(parameters.get("query"))
        if isinstance(query, n.LogQuery):
            raise bad_request(_NOT_INSTANT)
        grid = Grid(when, 1, 1)
        started, stats = time.perf_counter(), Stats()
        series = context.config.query_limits.max_series
        result = await context.query(
            lambda check: run_metric_query(context.store, query, grid, series, stats, check)
        )
        seconds = time.perf_counter() - started
        context.metrics.query_done("metric", stats, seconds)
        if isinstance(result, Scalar):
            return results.success(
                "scalar", results.scalar(result, grid), results.statistics(stats, seconds, 1)
            )
        shown = results.vector(result, grid)
        return results.success("vector", shown, results.statistics(stats, seconds, len(shown)))

    return handle


async def _log_query(
    context: Context, query: n.LogQuery, asked: RangeParameters, categorize: bool
) -> Response:
    limits = context.config.query_limits
    if limits.max_entries and asked.limit > limits.max_entries:
        raise bad_request(
            "max entries limit per query exceeded, limit > max_entries_limit_per_query "
            f"({asked.limit} > {limits.max_entries})"
        )
    check_length(asked.start, asked.end, limits)
    start = _lookback(context, asked.start)
    started, stats = time.perf_counter(), Stats()
    request = LogRequest(query, start, asked.end, asked.limit, asked.backward, asked.interval)
    entries = await context.query(lambda check: run_log_query(context.store, request, stats, check))
    seconds = time.perf_counter() - started
    context.metrics.query_done("logs", stats, seconds)
    shown = results.streams(entries, categorize=categorize)
    flags = (results.CATEGORIZE,) if categorize else ()
    return results.success("streams", shown, results.statistics(stats, seconds, len(entries)), flags)


async def _range_metric(context: Context, query: n.MetricQuery, asked: RangeParameters) -> Response:
    limits = context.config.query_limits
    if (asked.end - asked.start) // asked.step > limits.max_points:
        raise bad_request(
            "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter"
        )
    check_length(asked.start, asked.end, limits)
    # Both ends move outwards to multiples of the step, so that a moving window asks for the same points again.
    start = asked.start // asked.step * asked.step
    end = -(-asked.end // asked.step) * asked.step
    grid = Grid(start, asked.step, (end - start) // asked.step + 1)
    started, stats = time.perf_counter(), Stats()
    result = await context.query(
        lambda check: run_metric_query(context.store, query, grid, limits.max_series, stats, check)
    )
    seconds = time.perf_counter() - started
    context.metrics.query_done("metric", stats, seconds)
    shown = (
        results.scalar_series(result, grid) if isinstance(result, Scalar) else results.series(result, grid)
    )
    return results.success("matrix", shown, results.statistics(stats, seconds, len(shown)))


def _lookback(context: Context, start: int) -> int:
    lookback = context.config.query_limits.max_lookback_ns
    return max(start, context.clock() - lookback) if lookback else start
