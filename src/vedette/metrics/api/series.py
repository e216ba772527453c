"""``/api/v1/series``, ``/api/v1/labels``, ``/api/v1/label/NAME/values``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.algebra.table import LabelTable
from vedette.metrics.api.envelope import TRUNCATED, compress, envelope, json_response, wants_gzip
from vedette.metrics.api.matching import MatcherSets, parse_matchers, require_matchers
from vedette.metrics.api.params import MAX_API_TIME, MIN_API_TIME, Params, bad_data
from vedette.metrics.api.workers import Workers
from vedette.metrics.contract import Querier, Storage
from vedette.metrics.promql.json import encode_labels

Found = tuple[bytes, bool]  # JSON, and whether the limit cut it


def routes(storage: Storage, workers: Workers) -> list[Route]:
    async def answer(
        request: Request,
        params: Params,
        sets: MatcherSets,
        find: Callable[[Querier, MatcherSets, int], Found],
    ) -> Response:
        mint, maxt = params.time("start", MIN_API_TIME), params.time("end", MAX_API_TIME)
        limit, gzip = params.limit(), wants_gzip(request)

        def work() -> tuple[bytes, bool]:
            with storage.querier(mint, maxt) as querier:
                found, truncated = find(querier, sets, limit)
            body = envelope(found, warnings=[TRUNCATED] if truncated else [])
            return compress(body, gzip=gzip)

        body, gzipped = await workers.run(work)
        return json_response(body, gzipped=gzipped)

    async def series(request: Request) -> Response:
        params = await Params.of(request)
        sets = require_matchers(params.all("match[]"))
        mint, maxt = params.time("start", MIN_API_TIME), params.time("end", MAX_API_TIME)
        return await answer(request, params, sets, lambda q, s, limit: _series(q, s, mint, maxt, limit))

    async def label_names(request: Request) -> Response:
        params = await Params.of(request)
        sets = parse_matchers(params.all("match[]"))
        return await answer(request, params, sets, _label_names)

    async def label_values(request: Request) -> Response:
        params = await Params.of(request)
        name = decode_name(request.path_params["name"])
        if not name:
            raise bad_data(f'invalid label name: "{name}"')
        sets = parse_matchers(params.all("match[]"))
        return await answer(request, params, sets, lambda q, s, limit: _label_values(q, name, s, limit))

    return [
        Route("/series", series, methods=["GET", "POST"]),
        Route("/labels", label_names, methods=["GET", "POST"]),
        Route("/label/{name:path}/values", label_values, methods=["GET"]),
    ]


def _series(querier: Querier, sets: MatcherSets, mint: int, maxt: int, limit: int) -> Found:
    tables = [querier.select(matchers, mint, maxt).table for matchers in sets]
    table = tables[0]
    if len(tables) > 1:
        table = LabelTable.concat(tables)
        table = table.take(table.group()[1])
    rows = _by_labels(table)
    truncated = 0 < limit < len(rows)
    return series_json(table, rows[:limit] if truncated else rows), truncated


def _by_labels(table: LabelTable) -> list[int]:
    """Row numbers in the order of the label sets."""
    names = sorted(table.columns)
    strings = table.symbols.strings
    columns = [table.columns[name].tolist() for name in names]
    keys = [
        [(name, strings[i]) for name, i in zip(names, row, strict=True) if i]
        for row in zip(*columns, strict=True)
    ] or [[]] * table.rows
    return sorted(range(table.rows), key=keys.__getitem__)


def series_json(table: LabelTable, rows: Sequence[int]) -> bytes:
    """``[{"name":"value",...},...]`` of the rows, in their order."""
    shown = encode_labels(table)
    return b"[%b]" % b",".join([shown[row] for row in rows])


def _label_names(querier: Querier, sets: MatcherSets, limit: int) -> Found:
    more = limit + 1 if limit else 0
    names = {name for matchers in sets or [()] for name in querier.label_names(matchers, more)}
    return _texts(names, limit)


def _label_values(querier: Querier, name: str, sets: MatcherSets, limit: int) -> Found:
    more = limit + 1 if limit else 0
    values = {value for matchers in sets or [()] for value in querier.label_values(name, matchers, more)}
    return _texts(values, limit)


def _texts(texts: set[str], limit: int) -> Found:
    ordered = sorted(texts)
    truncated = 0 < limit < len(ordered)
    return orjson.dumps(ordered[:limit] if truncated else ordered), truncated


_ESCAPE = re.compile(r"__|_([0-9a-fA-F]{1,6})_")


def decode_name(name: str) -> str:
    """A label name as a path carries it: ``U__`` says that ``_2e_`` stands for ``.`` and ``__`` for ``_``."""
    if not name.startswith("U__"):
        return name

    def decode(found: re.Match[str]) -> str:
        return "_" if found[1] is None else chr(int(found[1], 16))

    try:
        return _ESCAPE.sub(decode, name[3:])
    except (ValueError, OverflowError):
        return name
