"""Running queries for requests: in threads, so many at once, so long at most, and not for clients that have gone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from vedette.metrics.api.workers import Workers
from vedette.metrics.promql.errors import QueryCanceled, QueryError, QueryTimeout, TooManySamples
from vedette.metrics.queries.observed import QueryMetrics
from vedette.web.errors import ApiError
from vedette.web.memory import give_back

T = TypeVar("T")

STATUS = {"bad_data": 400, "execution": 422, "timeout": 503, "canceled": 499, "internal": 500}
# A query that was expected at once and runs longer is given up and begun again in a thread.
PROMPT_PATIENCE_SECONDS = 0.05
# Nobody can cancel what is answered before anybody else has a turn.
_NEVER = threading.Event()


# What ends a query in the middle of its work, when it has much in hand.
GIVEN_UP = (TooManySamples, QueryTimeout, QueryCanceled)


@dataclass(slots=True)
class Ticket:
    """What a query is given: until when it may run, and who says that nobody waits for it any more."""

    deadline: float  # time.monotonic()
    canceled: threading.Event
    queued_s: float = 0.0
    _claimed: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raises `QueryCanceled` when nobody waits any more."""
        if self.canceled.is_set():
            raise QueryCanceled

    def claim(self) -> bool:
        """Whether the caller is the first to decide what becomes of the query: a thread that begins it, or who gives
        it up in the queue."""
        return self._claimed.acquire(blocking=False)

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


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

        def in_thread() -> T | QueryError:
            # Errors are handed over without the frames of this thread, which hold all that the query had in hand.
            if not ticket.claim():
                return QueryCanceled("query queue")
            ticket.queued_s = time.monotonic() - queued
            self._metrics.observe("queue_time", ticket.queued_s)
            if time.monotonic() > ticket.deadline:
                return QueryTimeout("query queue")
            try:
                return work(ticket)
            except QueryError as error:
                failed = error.with_traceback(None)
            if isinstance(failed, GIVEN_UP):
                give_back()
            return failed

        self._metrics.queries.inc()
        running = asyncio.ensure_future(self._workers.run(in_thread))
        leaving = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({running, leaving}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not running.done() and ticket.claim():
                # Still in the queue: nobody has to wait for a thread to say so.
                running.cancel()
                raise api_error(
                    QueryCanceled("query queue") if leaving.done() else QueryTimeout("query queue")
                )
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                ticket.canceled.set()
            outcome = await running
        finally:
            ticket.canceled.set()
            leaving.cancel()
            self._metrics.queries.dec()
        if isinstance(outcome, QueryError):
            raise api_error(outcome)
        return outcome

    def run_promptly(self, work: Callable[[Ticket], T]) -> T:
        """The result of `work`, which is expected at once: here, and on nobody's queue.

        Raises `ApiError` as `run` does, and `QueryTimeout` when it takes so long that a thread should have done it.
        """
        ticket = Ticket(time.monotonic() + PROMPT_PATIENCE_SECONDS, _NEVER)
        self._metrics.observe("queue_time", 0.0)
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
