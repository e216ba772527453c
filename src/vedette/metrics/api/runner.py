"""Running queries for requests: in threads, so many at once, so long at most, and not for clients that have gone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import CollectorRegistry, Gauge
from starlette.requests import Request

from vedette.metrics.api.workers import Workers
from vedette.metrics.promql.errors import QueryCanceled, QueryError, QueryTimeout
from vedette.metrics.quantiles import QuantileSummary
from vedette.web.errors import ApiError

T = TypeVar("T")

STATUS = {"bad_data": 400, "execution": 422, "timeout": 503, "canceled": 499, "internal": 500}
# A query that was expected at once and runs longer is given up and begun again in a thread.
PROMPT_PATIENCE_SECONDS = 0.03
SLICES = ("queue_time", "prepare_time", "inner_eval", "result_sort")


@dataclass(slots=True)
class Ticket:
    """What a query is given: until when it may run, and who says that nobody waits for it any more."""

    deadline: float  # time.monotonic()
    canceled: threading.Event
    queued_s: float = 0.0

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


class QueryMetrics:
    """``prometheus_engine_*``."""

    def __init__(self, registry: CollectorRegistry, concurrency: int) -> None:
        self.queries = Gauge("prometheus_engine_queries", "Queries running or waiting.", registry=registry)
        most = Gauge(
            "prometheus_engine_queries_concurrent_max", "Queries that may run at once.", registry=registry
        )
        most.set(concurrency)
        self.seconds = QuantileSummary(
            "prometheus_engine_query_duration_seconds",
            "Query timings.",
            label="slice",
            values=SLICES,
            registry=registry,
        )


class QueryRunner:
    def __init__(self, workers: Workers, metrics: QueryMetrics, *, timeout_s: float) -> None:
        self._workers = workers
        self._metrics = metrics
        self._timeout = timeout_s

    async def run(
        self, request: Request, work: Callable[[Ticket], T], *, timeout_s: float | None = None
    ) -> T:
        """The result of `work` in a thread. Raises `ApiError` for what goes wrong with the query."""
        limit = self._timeout if timeout_s is None else min(timeout_s, self._timeout)
        queued = time.monotonic()
        ticket = Ticket(queued + limit, threading.Event())

        def in_thread() -> T:
            ticket.queued_s = time.monotonic() - queued
            self._metrics.seconds.observe("queue_time", ticket.queued_s)
            if ticket.canceled.is_set():
                raise QueryCanceled("query queue")
            if time.monotonic() > ticket.deadline:
                raise QueryTimeout("query queue")
            return work(ticket)

        self._metrics.queries.inc()
        running = asyncio.ensure_future(self._workers.run(in_thread))
        leaving = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                ticket.canceled.set()
            return await running
        except QueryError as error:
            raise api_error(error) from None
        finally:
            ticket.canceled.set()
            leaving.cancel()
            self._metrics.queries.dec()

    def run_promptly(self, work: Callable[[Ticket], T]) -> T:
        """The result of `work`, which is expected at once: here, and on nobody's queue.

        Raises `ApiError` as `run` does, and `QueryTimeout` when it takes so long that a thread should have done it.
        """
        ticket = Ticket(time.monotonic() + PROMPT_PATIENCE_SECONDS, threading.Event())
        self._metrics.seconds.observe("queue_time", 0.0)
        try:
            return work(ticket)
        except QueryTimeout:
            raise
        except QueryError as error:
            raise api_error(error) from None


async def _gone(request: Request) -> None:
    """Returns when the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def api_error(error: QueryError) -> ApiError:
    return ApiError(STATUS.get(error.kind, 422), error.kind, str(error))
