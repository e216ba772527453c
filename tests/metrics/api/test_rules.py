"""``/rules`` and ``/alerts`` as clients read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from support.doors import Client, Doors
from support.memory_storage import MemoryStorage
from vedette.algebra.table import LabelTable
from vedette.metrics.api import rules
from vedette.metrics.rules.evaluation import Vector
from vedette.metrics.rules.group import Group, GroupContext, GroupDefinition, RuleDefinition
from vedette.metrics.rules.manager import make_group
from vedette.model.labels import Labels

NOW = 1_700_000_000_500
SHOWN = "2023-11-14T22:13:20.5Z"


class Silent:
    def rule_evaluated(self, *args: Any, **more: Any) -> None: ...
    def group_evaluated(self, *args: Any) -> None: ...
    def missed(self, *args: Any) -> None: ...


def groups() -> list[Group]:
    storage = MemoryStorage()
    table = LabelTable.from_labels(storage.symbols, [Labels.of(job="api"), Labels.of(job="db")])

    def query(expr: str, time: int) -> Vector:
        return Vector(table, np.array([0.25, 1.0]))

    context = GroupContext(storage, query, lambda text, **_: text, lambda alerts: None, Silent())
    alert = RuleDefinition(
        True, "Down", "up==0", (("severity", "page"),), (("summary", "s"),), 60_000, 5_000, "up == 0"
    )
    record = RuleDefinition(False, "job:up", "up", (("team", "ops"),))
    plain = RuleDefinition(False, "plain", "up", ())
    made = [
        make_group(GroupDefinition("a.yml", "one", 15_000, 0, 10, (alert, record)), context, restored=True),
        make_group(GroupDefinition("b.yml", "two", 60_000, 0, 0, (plain,)), context, restored=True),
    ]
    made[0].evaluate(NOW)
    return made


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = groups()
    async with Doors(rules.routes(lambda: made)) as client:
        yield client


async def test_the_shape_of_groups_rules_and_alerts(client: Client) -> None:
    one, two = (await client.get("/rules")).data["groups"]
    assert (one["name"], one["file"], one["interval"], one["limit"]) == ("one", "a.yml", 15, 10)
    assert one["lastEvaluation"] == SHOWN
    alert, record = one["rules"]
    assert alert["evaluationTime"] > 0
    assert {k: alert[k] for k in alert if k not in ("evaluationTime", "alerts")} == {
        "state": "pending",
        "name": "Down",
        "query": "up == 0",
        "duration": 60,
        "keepFiringFor": 5,
        "labels": {"severity": "page"},
        "annotations": {"summary": "s"},
        "health": "ok",
        "lastEvaluation": SHOWN,
        "type": "alerting",
    }
    assert alert["alerts"][0] == {
        "labels": {"alertname": "Down", "job": "api", "severity": "page"},
        "annotations": {"summary": "s"},
        "state": "pending",
        "activeAt": SHOWN,
        "value": "2.5e-01",
    }
    assert (record["name"], record["type"], record["labels"]) == ("job:up", "recording", {"team": "ops"})
    (plain,) = two["rules"]
    assert (plain["health"], plain["lastEvaluation"]) == ("unknown", "0001-01-01T00:00:00Z")
    assert "labels" not in plain


async def test_alerts(client: Client) -> None:
    alerts = (await client.get("/alerts")).data["alerts"]
    assert [a["labels"]["job"] for a in alerts] == ["api", "db"]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ([("type", "alert")], ["Down"]),
        ([("type", "record")], ["job:up", "plain"]),
        ([("rule_name[]", "plain"), ("rule_name[]", "Down")], ["Down", "plain"]),
        ([("rule_group[]", "two")], ["plain"]),
        ([("file[]", "a.yml")], ["Down", "job:up"]),
        ([("file[]", "none.yml")], []),
        ([("match[]", '{team="ops"}')], ["job:up"]),
        ([("match[]", '{team="ops"}'), ("match[]", '{severity=~"p.+"}')], ["Down", "job:up"]),
    ],
)
async def test_filters(client: Client, params: list[tuple[str, str]], names: list[str]) -> None:
    found = (await client.get("/rules", params)).data["groups"]
    assert [rule["name"] for group in found for rule in group["rules"]] == names


async def test_alerts_can_be_left_out(client: Client) -> None:
    (group, _) = (await client.get("/rules", {"exclude_alerts": "true"})).data["groups"]
    assert group["rules"][0]["alerts"] == []


async def test_pages(client: Client) -> None:
    first = (await client.get("/rules", {"group_limit": "1"})).data
    assert [g["name"] for g in first["groups"]] == ["one"]
    follow = {"group_limit": "1", "group_next_token": first["groupNextToken"]}
    second = (await client.get("/rules", follow)).data
    assert [g["name"] for g in second["groups"]] == ["two"]
    assert "groupNextToken" not in second


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"type": "x"}, 'invalid parameter "type": not supported value "x"'),
        ({"match[]": "{"}, "1:2: parse error: unexpected end of input inside braces"),
        ({"match[]": "{}"}, "match[] must contain at least one non-empty matcher"),
        ({"exclude_alerts": "maybe"}, 'invalid parameter "exclude_alerts"'),
        ({"group_next_token": "x"}, 'invalid parameter "group_limit"'),
        ({"group_limit": "1", "group_next_token": "x"}, "invalid group_next_token 'x'"),
        ({"group_limit": "-1"}, 'invalid parameter "group_limit": limit must be non-negative'),
    ],
)
async def test_refusals(client: Client, params: dict[str, str], message: str) -> None:
    status, kind, text = (await client.get("/rules", params)).error
    assert (status, kind) == (400, "bad_data")
    assert text.startswith(message)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1e+00"), (0.0, "0e+00"), (1234.5, "1.2345e+03"), (0.1, "1e-01"), (1e21, "1e+21"), (float("inf"), "+Inf"),
     (float("-inf"), "-Inf"), (float("nan"), "NaN"), (1 / 3, "3.333333333333333e-01"), (-2.5, "-2.5e+00")],
)  # fmt: skip
def test_values_of_alerts(value: float, text: str) -> None:
    assert rules.exponent_text(value) == text
