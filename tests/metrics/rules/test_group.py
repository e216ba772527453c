"""A group over a store in memory: what is written, when it ends, what a reload and a restart keep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from support.memory_storage import MemoryStorage
from support.virtual_clock import InlineExecutor, VirtualClock
from vedette.algebra.table import LabelTable
from vedette.metrics.notifier.alert import OutgoingAlert
from vedette.metrics.rules.evaluation import RuleError, Vector
from vedette.metrics.rules.group import GroupContext, GroupDefinition, RuleDefinition
from vedette.metrics.rules.manager import RuleManager, make_group
from vedette.metrics.rules.rule import AlertingRule, Health
from vedette.model.labels import Labels
from vedette.model.values import is_stale

S = 1000
M = 60 * S


class Bench:
    """A store, answers to queries by expression, and what was notified and counted."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.answers: dict[str, dict[Labels, float] | Exception] = {}
        self.sent: list[OutgoingAlert] = []
        self.missed_iterations = 0
        self.failures = 0
        self.asked: list[tuple[str, int]] = []

    def query(self, expr: str, time: int) -> Vector:
        self.asked.append((expr, time))
        answer = self.answers.get(expr, {})
        if isinstance(answer, Exception):
            raise answer
        table = LabelTable.from_labels(self.storage.symbols, list(answer))
        return Vector(table, np.array(list(answer.values()), dtype=np.float64))

    def expand(self, text: str, *, labels: Labels, value: float, **_: Any) -> str:
        return text.replace("$value", str(value)).replace("$job", labels.get("job"))

    def notify(self, alerts: Sequence[OutgoingAlert]) -> None:
        self.sent += alerts

    def rule_evaluated(self, group: str, seconds: float, *, failed: bool) -> None:
        self.failures += failed

    def group_evaluated(self, group: str, at: int, seconds: float, samples: int) -> None: ...

    def missed(self, group: str, iterations: int) -> None:
        self.missed_iterations += iterations

    @property
    def context(self) -> GroupContext:
        return GroupContext(
            self.storage, self.query, self.expand, self.notify, self, external_url="http://here:9090"
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def group(*rules: RuleDefinition, interval: int = M, offset: int = 0, limit: int = 0) -> GroupDefinition:
    return GroupDefinition("rules.yml", "g", interval, offset, limit, rules)


def record(name: str, expr: str, **labels: str) -> RuleDefinition:
    return RuleDefinition(False, name, expr, tuple(labels.items()))


def alert(name: str, expr: str, hold: int = 0, **labels: str) -> RuleDefinition:
    return RuleDefinition(True, name, expr, tuple(labels.items()), (("summary", "$job is $value"),), hold)


def series(**labels: str) -> Labels:
    return Labels({("__name__" if n == "name" else n): v for n, v in labels.items()})


def test_a_recording_rule_writes_under_its_name_with_its_labels(bench: Bench) -> None:
    bench.answers["x"] = {series(name="m", job="a", team="old"): 1.5, series(name="m", job="b"): math.nan}
    running = make_group(
        group(record("new:name", "x", team="ops"), offset=10 * S), bench.context, restored=True
    )
    running.evaluate(5 * M)
    assert bench.asked == [("x", 5 * M - 10 * S)]
    assert bench.storage.series(series(name="new:name", job="a", team="ops")) == [(5 * M - 10 * S, 1.5)]
    ((_, nan),) = bench.storage.series(series(name="new:name", job="b", team="ops"))
    assert math.isnan(nan) and not is_stale(nan)


def test_series_that_are_no_longer_given_end(bench: Bench) -> None:
    running = make_group(group(record("r", "x")), bench.context, restored=True)
    bench.answers["x"] = {series(job="a"): 1.0, series(job="b"): 1.0}
    running.evaluate(0)
    bench.answers["x"] = {series(job="b"): 2.0}
    running.evaluate(M)
    running.evaluate(2 * M)
    (first, second) = bench.storage.series(series(name="r", job="a"))
    assert first == (0, 1.0) and second[0] == M and is_stale(second[1])
    assert [v for _, v in bench.storage.series(series(name="r", job="b"))] == [1.0, 2.0, 2.0]


def test_equal_label_sets_and_limits_are_errors_of_the_rule_alone(bench: Bench) -> None:
    bench.answers["twice"] = {series(name="a", job="x"): 1.0, series(name="b", job="x"): 2.0}
    bench.answers["many"] = {series(job=str(i)): 1.0 for i in range(3)}
    bench.answers["broken"] = RuleError("no such thing")
    definition = group(
        record("r1", "twice"),
        record("r2", "many"),
        alert("A", "twice"),
        alert("B", "many"),
        record("r3", "broken"),
        limit=2,
    )
    running = make_group(definition, bench.context, restored=True)
    running.evaluate(0)
    assert [rule.last.error for rule in running.rules] == [
        "vector contains metrics with the same labelset after applying rule labels",
        "exceeded limit of 2 with 3 series",
        "vector contains metrics with the same labelset after applying alert labels",
        "exceeded limit of 2 with 3 alerts",
        "no such thing",
    ]
    assert {rule.last.health for rule in running.rules} == {Health.ERROR}
    assert bench.failures == 5
    assert not bench.sent


def test_an_alert_from_pending_to_resolved(bench: Bench) -> None:
    running = make_group(
        group(alert("Down", "up == 0", hold=M, severity="page $job")), bench.context, restored=True
    )
    bench.answers["up == 0"] = {series(name="up", job="api"): 0.0}
    labels = {"alertname": "Down", "job": "api", "severity": "page api"}

    running.evaluate(0)
    assert not bench.sent
    assert bench.storage.series(series(name="ALERTS", alertstate="pending", **labels)) == [(0, 1.0)]

    running.evaluate(M)
    (sent,) = bench.sent
    assert sent.labels == Labels(labels)
    assert sent.annotations == Labels.of(summary="api is 0.0")
    assert (sent.starts_at, sent.ends_at) == (M, 5 * M)
    assert sent.generator_url == "http://here:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"
    pending = bench.storage.series(series(name="ALERTS", alertstate="pending", **labels))
    assert is_stale(pending[-1][1])
    assert bench.storage.series(series(name="ALERTS", alertstate="firing", **labels)) == [(M, 1.0)]

    running.evaluate(2 * M)  # repeated only when more than the delay has passed
    running.evaluate(3 * M)
    assert len(bench.sent) == 2

    bench.answers["up == 0"] = {}
    running.evaluate(4 * M)
    assert (bench.sent[-1].starts_at, bench.sent[-1].ends_at) == (M, 4 * M)
    since = bench.storage.series(series(name="ALERTS_FOR_STATE", **labels))
    assert [v for _, v in since[:-1]] == [0.0] * 4 and is_stale(since[-1][1])


def test_a_failed_query_keeps_the_alerts(bench: Bench) -> None:
    running = make_group(group(alert("A", "x")), bench.context, restored=True)
    bench.answers["x"] = {series(job="api"): 1.0}
    running.evaluate(0)
    bench.answers["x"] = RuleError("query timed out")
    running.evaluate(M)
    rule = running.rules[0]
    assert isinstance(rule, AlertingRule)
    assert (rule.last.health, rule.state) == ("err", "firing")


def test_a_reload_keeps_what_is_unchanged_and_ends_what_is_gone(bench: Bench) -> None:
    bench.answers |= {"x": {series(job="a"): 1.0}, "y": {series(): 1.0}, "z": {series(): 3.0}}
    old = make_group(group(alert("A", "x", hold=2 * M), record("r", "y")), bench.context, restored=True)
    old.evaluate(0)
    new = make_group(group(record("s", "z"), alert("A", "x", hold=2 * M)), bench.context, restored=True)
    new.continue_from(old)
    new.evaluate(2 * M)
    rule = new.rules[1]
    assert isinstance(rule, AlertingRule)
    assert [(a.state, a.active_at) for a in rule.active] == [("firing", 0)]
    assert is_stale(bench.storage.series(series(name="r"))[-1][1])
    assert bench.storage.series(series(name="s")) == [(2 * M, 3.0)]


class TestRestart:
    LABELS: ClassVar = {"alertname": "A", "job": "a"}

    async def start(self, bench: Bench, now: int) -> tuple[VirtualClock, RuleManager]:
        clock = VirtualClock(now)
        manager = RuleManager(bench.context, clock=clock, executor=InlineExecutor())
        bench.answers["x"] = {series(job="a"): 1.0}
        await manager.apply([group(alert("A", "x", hold=60 * M))])
        return clock, manager

    async def test_age_is_restored_after_the_second_evaluation(self, bench: Bench) -> None:
        bench.storage.add(series(name="ALERTS_FOR_STATE", **self.LABELS), [(t * M, 0.0) for t in range(31)])
        clock, manager = await self.start(bench, 40 * M)
        await clock.advance_to(41 * M)
        assert not bench.storage.series(series(name="ALERTS", alertstate="pending", **self.LABELS))
        await clock.advance_to(44 * M)
        (rule,) = manager.groups[0].rules
        assert isinstance(rule, AlertingRule) and rule.restored
        (active,) = rule.active
        # Pending since minute 0, unseen from 30 until the restoration at 41 to 42.
        assert 11 * M <= active.active_at <= 12 * M
        assert bench.storage.series(series(name="ALERTS", alertstate="pending", **self.LABELS))
        await manager.stop()

    @pytest.mark.parametrize("last", [0, "stale"])
    async def test_what_ended_or_is_too_long_ago_starts_anew(self, bench: Bench, last: object) -> None:
        from vedette.model.values import STALE_NAN

        end = (30 * M, STALE_NAN) if last == "stale" else (0, 0.0)
        bench.storage.add(series(name="ALERTS_FOR_STATE", **self.LABELS), [end])
        clock, manager = await self.start(bench, 80 * M)
        await clock.advance_to(85 * M)
        (rule,) = manager.groups[0].rules
        assert isinstance(rule, AlertingRule) and rule.restored
        (active,) = rule.active
        assert active.active_at > 80 * M
        await manager.stop()


class TestManager:
    async def test_evaluates_at_the_slots_and_counts_what_it_misses(self, bench: Bench) -> None:
        clock = VirtualClock(0)
        manager = RuleManager(bench.context, clock=clock, executor=InlineExecutor())
        await manager.apply([group(record("r", "x"))])
        slot = manager.groups[0].schedule.slot_after(0)
        await clock.advance_to(slot + 2 * M)
        assert [at for _, at in bench.asked] == [slot, slot + M, slot + 2 * M]
        clock.leap(5 * M + 1)  # the machine slept
        await clock.advance_to(clock.now())
        assert bench.missed_iterations == 4
        assert bench.asked[-1][1] == slot + 7 * M
        await manager.stop()

    async def test_a_removed_group_ends_after_two_intervals(self, bench: Bench) -> None:
        clock = VirtualClock(0)
        manager = RuleManager(bench.context, clock=clock, executor=InlineExecutor())
        bench.answers["x"] = {series(job="a"): 1.0}
        await manager.apply([group(record("r", "x"))])
        await clock.advance_to(2 * M)
        await manager.apply([])
        await clock.advance_to(4 * M - 1)
        assert not is_stale(bench.storage.series(series(name="r", job="a"))[-1][1])
        await clock.advance_to(4 * M)
        assert is_stale(bench.storage.series(series(name="r", job="a"))[-1][1])
        await manager.stop()

    async def test_an_unchanged_group_is_left_alone_and_a_changed_one_continues(self, bench: Bench) -> None:
        clock = VirtualClock(0)
        manager = RuleManager(bench.context, clock=clock, executor=InlineExecutor())
        bench.answers["x"] = {series(job="a"): 1.0}
        await manager.apply([group(alert("A", "x"))])
        await clock.advance_to(2 * M)
        before = manager.groups[0]
        await manager.apply([group(alert("A", "x"))])
        assert manager.groups[0] is before
        await manager.apply([group(alert("A", "x"), interval=2 * M)])
        rule = manager.groups[0].rules[0]
        assert isinstance(rule, AlertingRule) and len(rule.active) == 1
        await manager.stop()
