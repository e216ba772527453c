"""Running queries: so many at once, so long at most, and not for clients that have gone."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support.doors import Doors
from vedette.metrics.api.envelope import success
from vedette.metrics.api.runner import QueryRunner, Ticket
from vedette.metrics.api.workers import Workers
from vedette.metrics.contract import StorageError
from vedette.metrics.promql.errors import (
    ExecutionError,
    QueryCanceled,
    QueryError,
    QueryTimeout,
    TooManySamples,
)
from vedette.metrics.queries.observed import QueryMetrics


class Bench:
    def __init__(self, *, concurrency: int = 2, timeout_s: float = 5.0) -> None:
        self.registry = CollectorRegistry()
        self.workers = Workers(concurrency)
        self.runner = QueryRunner(self.workers, QueryMetrics(self.registry, concurrency), timeout_s=timeout_s)
        self.ended: list[str] = []
        self.at_work = 0
        self.most_at_work = 0
        self.lock = threading.Lock()

    def work(self, ticket: Ticket) -> str:
        """Works until told to stop, as the engine does between its steps."""
        with self.lock:
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            while True:
                if ticket.canceled.is_set():
                    self.ended.append("canceled")
                    raise QueryCanceled
                if ticket.seconds_left < 0:
                    self.ended.append("timeout")
                    raise QueryTimeout
                time.sleep(0.005)
        finally:
            with self.lock:
                self.at_work -= 1

    def doors(self) -> Doors:
        async def answer(request: Request) -> Response:
            return success(await self.runner.run(request, self.work))

        return Doors([Route("/", answer)])

    @property
    def running(self) -> float | None:
        return self.registry.get_sample_value("prometheus_engine_queries")


async def test_a_client_that_goes_ends_its_query() -> None:
    bench = Bench()
    async with bench.doors() as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.get("/")
        async with asyncio.timeout(2):
            while bench.running or not bench.ended:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert bench.ended == ["canceled"]
    bench.workers.close()


async def test_time_in_the_queue_counts_and_no_more_run_than_may() -> None:
    bench = Bench(concurrency=1, timeout_s=0.2)
    async with bench.doors() as client:
        answers = await asyncio.gather(*(client.get("/") for _ in range(3)))
    assert {a.error[:2] for a in answers} == {(503, "timeout")}
    sentences = sorted(a.error[2] for a in answers)
    assert sentences == ["query timed out in expression evaluation", *["query timed out in query queue"] * 2]
    assert bench.most_at_work == 1
    bench.workers.close()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ExecutionError("no match"), (422, "execution", "no match")),
        (
            TooManySamples(),
            (422, "execution", "query processing would load too many samples into memory in query execution"),
        ),
        (StorageError("closed"), (500, "internal", "closed")),
    ],
)
async def test_faults_have_the_original_s_codes(
    error: QueryError | StorageError, answer: tuple[int, str, str]
) -> None:
    bench = Bench()

    async def ask(request: Request) -> Response:
        def work(ticket: Ticket) -> str:
            raise error

        return success(await bench.runner.run(request, work))

    async with Doors([Route("/", ask)]) as client:
        assert (await client.get("/")).error == answer
    bench.workers.close()
