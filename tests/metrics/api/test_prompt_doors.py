"""Queries and label calls that are answered at once: the same answers, and only for what is known to be quick."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from prometheus_client import CollectorRegistry

from support.doors import Client, Doors
from support.watched import watched
from vedette.metrics.api import query, series
from vedette.metrics.api.pace import Pace
from vedette.metrics.api.runner import QueryRunner, Ticket
from vedette.metrics.api.workers import Workers
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryTimeout
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.queries.observed import QueryMetrics
from vedette.model.labels import Labels
from vedette.web.prompt import Question, Reply

NOW = 120_000
RANGE = {"start": "60", "end": "120", "step": "15"}


@dataclass
class Bench:
    """The ordinary doors and the prompt ones, over one store."""

    answers: query.Answers
    runner: QueryRunner
    storage: MemoryStorage
    ordinary: Client

    def ask(
        self, path: str, parameters: dict[str, str], *, gzip: bool = False, form: bool = False
    ) -> Reply | None:
        doors = {
            **query.prompt_doors(self.answers, self.runner, now=lambda: NOW),
            **series.prompt_doors(self.storage, self.answers.pace),
        }
        text = urlencode(parameters).encode()
        template = series.VALUES if path.startswith("/label/") else path
        return doors[template](Question(f"/api/v1{path}", b"" if form else text, text if form else b"", gzip))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    storage = MemoryStorage()
    for i in range(6):
        for t in range(9):
            storage.add(Labels.of(__name__="m", x=str(i % 2), y=str(i)), t * 15_000, float(t))
    metrics = QueryMetrics(CollectorRegistry(), 2)
    workers = Workers(2)
    runner = QueryRunner(workers, metrics, timeout_s=5)
    # Whatever was asked before counts as quick, however busy the machine.
    answers = query.Answers(Engine(storage), watched(metrics, tmp_path), Pace(limit_s=1e9))
    routes = [
        *query.routes(answers, runner, now=lambda: NOW),
        *series.routes(storage, workers, answers.pace),
    ]
    async with Doors(routes) as client:
        yield Bench(answers, runner, storage, client)
    workers.close()


QUESTIONS = [
    ("/query", {"query": "1 + 1"}),
    ("/query", {"query": "m", "time": "100"}),
    ("/query", {"query": "sum by (x) (rate(m[1m]))", "limit": "1"}),
    ("/query", {"query": "m +"}),
    ("/query", {"query": "m / on (x) m"}),
    ("/query", {"query": "m", "time": "yesterday"}),
    ("/query_range", {"query": "rate(m[1m])", **RANGE}),
    ("/query_range", {"query": "m[1m]", **RANGE}),
    ("/query_range", {"query": "m", "start": "1"}),
    ("/labels", {}),
    ("/labels", {"match[]": 'm{x="1"}'}),
    ("/label/y/values", {"match[]": 'm{x="1"}', "limit": "2"}),
    ("/series", {"match[]": "m"}),
]


@pytest.mark.parametrize(("path", "parameters"), QUESTIONS)
async def test_the_second_time_the_same_answer_comes_at_once(
    bench: Bench, path: str, parameters: dict[str, str]
) -> None:
    want = await bench.ordinary.get(path, parameters)
    for form in (False, True):
        reply = bench.ask(path, parameters, form=form)
        assert reply is not None
        assert (reply.status, reply.body) == (want.status, want.body)


async def test_a_new_question_goes_to_a_thread(bench: Bench) -> None:
    await bench.ordinary.get("/query", {"query": "m"})
    assert bench.ask("/query", {"query": "m "}) is None
    assert bench.ask("/query_range", {"query": "m", **RANGE}) is None
    assert bench.ask("/series", {"match[]": "m"}) is None
    assert bench.ask("/query", {"query": "m"}) is not None


async def test_what_asks_for_more_than_the_answer_goes_the_ordinary_way(bench: Bench, tmp_path: Path) -> None:
    await bench.ordinary.get("/query", {"query": "m"})
    assert bench.ask("/query", {"query": "m", "explain": "1"}) is None
    assert bench.ask("/query", {"query": "m", "timeout": "10ms"}) is None
    assert bench.ask("/query", {"query": "m", "timeout": "10s"}) is not None
    # Writing the log may wait for a disk.
    bench.answers.watch.log.use(str(tmp_path / "log"))
    assert bench.ask("/query", {"query": "m"}) is None


async def test_a_question_that_has_become_slow_is_given_up_and_goes_to_a_thread(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.ordinary.get("/query", {"query": "m"})

    def slow(call: object, ticket: Ticket, stats: bool) -> QueryResult:
        assert ticket.seconds_left < 1
        raise QueryTimeout

    with monkeypatch.context() as patch:
        patch.setattr(bench.answers, "_evaluate", slow)
        assert bench.ask("/query", {"query": "m"}) is None
    assert bench.ask("/query", {"query": "m"}) is None
    await bench.ordinary.get("/query", {"query": "m"})
    assert bench.ask("/query", {"query": "m"}) is not None
