"""What is there: labels, their values, series, and how much a selection would read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vedette.logs.api.context import Context
from vedette.logs.api.parameters import Parameters, bad_request, check_length
from vedette.logs.api.query import Handler, parsed
from vedette.logs.api.results import json_response
from vedette.logs.logql.syntax import LogQLError, parse_selector
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.checks import check_selector
from vedette.model.labels import Labels, Matcher

_ONLY_MATCHERS = "only label matchers are supported"
_NO_LONGER = "this data is no longer available, it is past now - max_query_lookback (0s)"
_DEFAULT_SINCE = 6 * 3600 * 10**9


async def _bounded(context: Context, request: Request) -> tuple[Parameters, int, int]:
    parameters = await Parameters.of(request)
    now = context.clock()
    end = parameters.time("end", now)
    default = end - _DEFAULT_SINCE
    start = parameters.time("start", parameters.bounds(now)[0] if parameters.get("since") else default)
    if start > end:
        raise bad_request(_NO_LONGER)
    check_length(start, end, context.config.query_limits)
    return parameters, start, end


def _matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of a query that must be nothing but a selector; none of an empty text. Raises `ApiError`."""
    if not text:
        return ()
    query = parsed(text)
    if not isinstance(query, n.LogQuery) or query.stages:
        raise bad_request(_ONLY_MATCHERS)
    return query.matchers


def labels(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        parameters, start, end = await _bounded(context, request)
        found = await _label_sets(context, [_matchers(parameters.get("query"))], start, end)
        return _listed(sorted({name for labels in found for name, _ in labels}))

    return handle


def label_values(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        name = request.path_params["name"]
        parameters, start, end = await _bounded(context, request)
        found = await _label_sets(context, [_matchers(parameters.get("query"))], start, end)
        return _listed(sorted({labels[name] for labels in found if name in labels}))

    return handle


def _listed(values: list[str]) -> Response:
    return json_response({"status": "success", "data": values} if values else {"status": "success"})


def series(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        parameters, start, end = await _bounded(context, request)
        selections = [_series_matchers(text) for text in parameters.all("match", "match[]")] or [()]
        found = await _label_sets(context, selections, start, end)
        return json_response({"status": "success", "data": [labels.to_dict() for labels in found]})

    return handle


def _series_matchers(text: str) -> tuple[Matcher, ...]:
    """Unlike elsewhere the empty selector is allowed: it means everything. Raises `ApiError`."""
    try:
        if text.strip().startswith("{") and text.strip().endswith("}"):
            matchers = parse_selector(text)
            if matchers:
                check_selector(matchers)
            return matchers
    except LogQLError as error:
        raise bad_request(str(error)) from None
    return _matchers(text)


async def _label_sets(
    context: Context, selections: list[tuple[Matcher, ...]], start: int, end: int
) -> list[Labels]:
    """The label sets of the streams of any of `selections`, each once."""

    def run(check: object) -> list[Labels]:
        found: dict[Labels, None] = {}
        for matchers in selections:
            for item in context.store.select(matchers, start, end + 1):
                found[item.stream.labels] = None
        return list(found)

    return await context.query(run)


def index_stats(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        parameters, start, end = await _bounded(context, request)
        matchers = _matchers(parameters.get("query"))

        def run(check: object) -> dict[str, int]:
            total = {"streams": 0, "chunks": 0, "bytes": 0, "entries": 0}
            for item in context.store.select(matchers, start, end):
                total["streams"] += 1
                for ref in item.blocks:
                    total["chunks"] += 1
                    total["bytes"] += ref.raw_bytes
                    total["entries"] += ref.entries
                if item.head is not None:
                    total["chunks"] += 1
                    total["bytes"] += item.head.line_bytes
                    total["entries"] += len(item.head)
            return total

        return json_response(await context.query(run))

    return handle
