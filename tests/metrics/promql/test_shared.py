"""Subtrees that are computed once although they stand in several places."""

from __future__ import annotations

import time

import pytest

from vedette.metrics.promql.plan.build import Times, build
from vedette.metrics.promql.plan.explain import explain
from vedette.metrics.promql.plan.nodes import Plan
from vedette.metrics.promql.plan.shared import repeated, walk
from vedette.metrics.promql.syntax.parser import parse


def plan_of(query: str) -> Plan:
    return build(parse(query), query, Times(0, 0, 0, 60_000))


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("a + b", []),
        ("a + a", ["select a"]),
        ("a + a offset 1m", []),
        ("rate(a[5m]) / rate(a[5m])", ["window rate"]),
        ("rate(a[5m]) / rate(a[6m])", []),
        ("sum(a) + sum(a)", ["aggregate sum, in batches", "select a"]),
        ("abs(a) + ceil(a)", ["select a"]),
        ("(a + b) * (a + b)", ["join +", "select a", "select b"]),
        ("1 + 1 + a", []),
    ],
)
def test_what_is_shared(query: str, want: list[str]) -> None:
    shared = sorted(explain(node).split("\n")[0] for node in repeated(plan_of(query)))
    assert shared == sorted(want)


def test_equal_trees_are_equal_wherever_they_stand() -> None:
    one, other = plan_of("sum by (x) (rate(a[5m]))"), plan_of("   sum by (x) (rate(a[5m]))")
    assert one == other
    assert hash(one) == hash(other)
    assert one != plan_of("sum by (x) (rate(b[5m]))")


@pytest.mark.parametrize("operand", ["a", "rate(a[5m])", "1"])
def test_a_long_row_of_operators_is_looked_through_quickly(operand: str) -> None:
    query = " + ".join([operand] * 1_500)
    tree = parse(query)
    began = time.process_time()
    plan = build(tree, query, Times(0, 0, 0, 60_000))
    assert len(repeated(plan)) == (0 if operand == "1" else 1)
    assert sum(1 for _ in walk(plan)) >= (1 if operand == "1" else 2_999)
    assert time.process_time() - began < 1
