"""``/api/v1/query``, ``query_range``, ``query_exemplars``, ``format_query``, ``parse_query``."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import (
    TRUNCATED,
    compress_pieces,
    envelope_pieces,
    json_response,
    success,
    to_json,
    wants_gzip,
)
from vedette.metrics.api.pace import Pace
from vedette.metrics.api.params import Params, invalid
from vedette.metrics.api.plans import show_plan, show_trace
from vedette.metrics.api.query_call import QueryCall, instant_call, range_call
from vedette.metrics.api.runner import QueryRunner, Ticket
from vedette.metrics.api.syntax_tree import show_tree
from vedette.metrics.contract import StorageError
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import ParseError, QueryTimeout
from vedette.metrics.promql.json import encode_pieces
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.syntax.nodes import Expr
from vedette.metrics.promql.syntax.pretty import prettify
from vedette.metrics.queries.asked import Origin, from_request
from vedette.metrics.queries.stats import show_stats
from vedette.metrics.queries.watch import QueryWatch
from vedette.model.labels import quote
from vedette.web.errors import ApiError, prometheus_error_body
from vedette.web.prompt import PromptDoor, Question, Reply


class Answers:
    """Evaluates queries and writes what the API answers; in the thread of whoever calls."""

    def __init__(self, engine: Engine, watch: QueryWatch, pace: Pace, *, per_step: bool = False) -> None:
        """`per_step`: ``stats=all`` lists the samples of each step."""
        self.engine = engine
        self.watch = watch
        self.pace = pace
        self._per_step = per_step

    def answer(self, call: QueryCall, ticket: Ticket, origin: Origin) -> tuple[list[bytes], bool]:
        """The body in pieces, and whether it is compressed. Raises `QueryError`, and `ApiError` for a text that is no query."""
        with self.pace.measured(call.kind):
            try:
                result = self.watch.evaluate(
                    call.asked,
                    origin,
                    lambda stats: self._evaluate(call, ticket, stats),
                    stats=bool(call.stats),
                    queued_s=ticket.queued_s,
                )
            except ParseError as error:
                raise _refused(error) from None
            stats = result.stats
            result, truncated = truncate(result, call.limit)
            more = b""
            warnings = [*result.warnings, TRUNCATED] if truncated else result.warnings
            if call.stats:
                steps = call.asked.times_s() if call.stats == "all" and self._per_step else None
                shown = show_stats(stats, queued_s=ticket.queued_s, steps=steps)
                more += b',"stats":' + orjson.dumps(shown)
                warnings = [*warnings, *_deprecated_stats(call.stats)]
            if result.trace is not None:
                more += b',"trace":' + to_json(show_trace(result))
            infos = result.infos
            data = encode_pieces(result, more, ticket.check)
            del result
            pieces = envelope_pieces(data, warnings=warnings, infos=infos)
            return compress_pieces(pieces, gzip=call.gzip, check=ticket.check)

    def _evaluate(self, call: QueryCall, ticket: Ticket, stats: bool) -> QueryResult:
        if not call.step:
            return self.engine.instant(
                call.text,
                call.start,
                lookback_ms=call.lookback,
                timeout_s=ticket.seconds_left,
                canceled=ticket.canceled,
                trace=call.trace,
                stats=stats,
            )
        return self.engine.range(
            call.text,
            call.start,
            call.end,
            call.step,
            lookback_ms=call.lookback,
            timeout_s=ticket.seconds_left,
            canceled=ticket.canceled,
            trace=call.trace,
            stats=stats,
        )


def routes(answers: Answers, runner: QueryRunner, *, now: Callable[[], int]) -> list[Route]:
    engine = answers.engine

    async def answer(request: Request, call: QueryCall) -> Response:
        if call.explain:
            return success(await runner.run(request, lambda _: _explained(engine, call)))
        client = request.client.host if request.client else ""
        origin = from_request(client, request.method, request.url.path)
        timeout_s = None if call.timeout is None else call.timeout / 1000
        pieces, gzipped = await runner.run(
            request, lambda ticket: answers.answer(call, ticket, origin), timeout_s=timeout_s
        )
        return json_response(pieces[0] if len(pieces) == 1 else pieces, gzipped=gzipped)

    async def instant(request: Request) -> Response:
        return await answer(request, instant_call(await Params.of(request), now(), gzip=wants_gzip(request)))

    async def range_(request: Request) -> Response:
        return await answer(request, range_call(await Params.of(request), gzip=wants_gzip(request)))

    async def format_query(request: Request) -> Response:
        params = await Params.of(request)
        return success(await asyncio.to_thread(lambda: prettify(_parsed(params, engine))))

    async def parse_query(request: Request) -> Response:
        params = await Params.of(request)
        return success(await asyncio.to_thread(lambda: show_tree(_parsed(params, engine))))

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


def prompt_doors(answers: Answers, runner: QueryRunner, *, now: Callable[[], int]) -> dict[str, PromptDoor]:
    """The doors of queries, for those that cost little when they were last asked."""

    def answer(make: Callable[[Params, bool], QueryCall], question: Question) -> Reply | None:
        try:
            call = make(Params.asked(question), question.gzip)
            if not (call.is_plain and answers.pace.is_prompt(call.kind)) or answers.watch.log.is_on:
                return None
            pieces, gzipped = runner.run_promptly(lambda ticket: answers.answer(call, ticket, {}))
        except ApiError as error:
            return Reply(error.status, prometheus_error_body(error))
        except QueryTimeout:
            answers.pace.remember(call.kind, math.inf)
            return None
        except StorageError:
            return None
        return Reply(200, b"".join(pieces), gzipped)

    return {
        "/query": partial(answer, lambda params, gzip: instant_call(params, now(), gzip=gzip)),
        "/query_range": partial(answer, lambda params, gzip: range_call(params, gzip=gzip)),
    }


def _explained(engine: Engine, call: QueryCall) -> dict[str, Any]:
    try:
        return show_plan(engine, call.text, call.start, call.end, call.step, call.lookback)
    except ParseError as error:
        raise _refused(error) from None


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
