"""``explain=1`` and ``trace=1`` on the query doors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from support.doors import Client, Doors
from support.watched import watched
from vedette.metrics.api import query
from vedette.metrics.api.pace import Pace
from vedette.metrics.api.runner import QueryRunner
from vedette.metrics.api.workers import Workers
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.queries.observed import QueryMetrics
from vedette.model.labels import Labels

RANGE = {"start": "60", "end": "120", "step": "15"}
RATE = 'sum by (x) (rate(m{y!="5",z=~"a|b",x=~".*"}[1m]))'


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    store = MemoryStorage()
    for i in range(6):
        for t in range(9):
            store.add(Labels.of(__name__="m", x=str(i % 2), y=str(i), z="a"), t * 15_000, float(t))
    metrics = QueryMetrics(CollectorRegistry(), 2)
    runner = QueryRunner(Workers(2), metrics, timeout_s=5)
    answers = query.Answers(Engine(store), watched(metrics, tmp_path), Pace())
    routes = query.routes(answers, runner, now=lambda: 120_000)
    async with Doors(routes) as asking:
        yield asking


async def test_explain_answers_the_plan_and_runs_nothing(client: Client) -> None:
    data = (await client.get("/query_range", {"query": RATE, "explain": "1", **RANGE})).data
    assert (data["start"], data["end"], data["step"], data["steps"]) == (60, 120, 15, 5)
    assert data["text"].split("\n")[0] == "aggregate sum by (x), in batches"
    assert "result" not in data
    plan = data["plan"]
    assert (plan["operator"], plan["parameters"]) == ("aggregate", {"op": "sum", "by": ["x"]})
    (window,) = plan["children"]
    assert window["parameters"] == {"function": "rate"}
    assert window["notes"][0].startswith("fused")
    (reading,) = window["children"]
    assert reading["estimatedSeries"] == 5
    assert reading["parameters"]["range"] == "1m"
    assert set(reading["parameters"]["matchers"]) == {'__name__="m"', 'y!="5"', 'z=~"a|b"', 'x=~".*"'}
    assert 'index: z=~"a|b": 2 values' in reading["notes"]
    assert any(note.endswith("are taken away") for note in reading["notes"])


async def test_an_instant_plan_has_one_step_and_says_what_is_computed_once(client: Client) -> None:
    data = (await client.post("/query", {"query": "m * 2 - m * 2", "explain": "true", "time": "90"})).data
    assert (data["steps"], data["start"]) == (1, 90)
    left, right = data["plan"]["children"]
    assert left["notes"][-1].startswith("computed once")
    assert right["notes"][-1].startswith("not computed")


@pytest.mark.parametrize("path", ["/query", "/query_range"])
@pytest.mark.parametrize("flag", ["explain", "trace"])
async def test_a_wrong_query_and_a_wrong_flag_are_refused(client: Client, path: str, flag: str) -> None:
    wrong = await client.get(path, {"query": "sum(m", flag: "1", **RANGE})
    assert wrong.error == (
        400,
        "bad_data",
        'invalid parameter "query": 1:6: parse error: unclosed left parenthesis',
    )
    status, kind, text = (await client.get(path, {"query": "m", flag: "perhaps", **RANGE})).error
    assert (status, kind) == (400, "bad_data")
    assert f'invalid parameter "{flag}"' in text


async def test_the_range_vector_of_a_range_query_is_refused_by_explain_too(client: Client) -> None:
    refused = await client.get("/query_range", {"query": "m[1m]", "explain": "1", **RANGE})
    assert refused.status == 400
    assert 'invalid expression type "range vector"' in refused.error[2]


async def test_trace_comes_beside_the_same_result(client: Client) -> None:
    asked = {"query": RATE, **RANGE}
    plain = (await client.get("/query_range", asked)).data
    traced = (await client.get("/query_range", {**asked, "trace": "1", "stats": "1"})).data
    trace = traced.pop("trace")
    del traced["stats"]
    assert "trace" not in plain
    assert traced == plain
    root = trace["plan"]
    assert (root["operator"], root["seriesIn"], root["seriesOut"], root["steps"]) == ("aggregate", 5, 2, 5)
    reading = root["children"][0]["children"][0]
    assert reading["samplesRead"] == trace["samplesRead"] > 0
    assert trace["evalSeconds"] >= root["totalSeconds"] >= root["ownSeconds"] > 0


async def test_a_number_is_traced_too(client: Client) -> None:
    data = (await client.get("/query", {"query": "1 + scalar(m{y='1'})", "trace": "1"})).data
    assert data["result"] == [120, "9"]
    assert data["trace"]["plan"]["operator"] == "scalars"


@pytest.mark.parametrize("how", ["explain", "trace"])
async def test_a_long_row_of_operators_is_explained_and_traced(client: Client, how: str) -> None:
    answer = await client.post("/query", {"query": " + ".join(["m"] * 600), how: "1"})
    assert answer.status == 200
    # Higher than orjson reads or writes.
    assert json.loads(answer.body)["data"]["plan" if how == "explain" else "trace"]
