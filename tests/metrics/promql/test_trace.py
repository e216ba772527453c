"""What the trace of a query says, and that tracing changes no answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.plan.nodes import Aggregate, Once, RangeSelect, SubquerySelect, Window
from vedette.metrics.promql.run.batches import Batching
from vedette.metrics.promql.run.trace import OperatorTrace
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.syntax.parser import ALL_FEATURES
from vedette.model.labels import Labels

MINUTE = 60_000
SERIES, SAMPLES = 12, 41
QUERIES = [
    block.split("\n")[-1]
    for block in (Path(__file__).parent / "identity.txt").read_text().split("\n")
    if block
]


@pytest.fixture(scope="module")
def store() -> MemoryStorage:
    made = MemoryStorage()
    for i in range(SERIES):
        for t in range(SAMPLES):
            made.add(Labels.of(__name__="m", x=str(i % 3), y=str(i)), t * 15_000, float(t * (i + 1)))
    for t in range(SAMPLES):
        made.add(Labels.of(__name__="target_info", job="j", instance="i", os="linux"), t * 15_000, 1.0)
        made.add(Labels.of(__name__="w", job="j", instance="i"), t * 15_000, 1.0)
    return made


def traced(store: MemoryStorage, query: str, batching: Batching | None = None) -> OperatorTrace:
    options: dict[str, Any] = {} if batching is None else {"batching": batching}
    engine = Engine(store, enable_features=ALL_FEATURES, **options)
    trace = engine.range(query, 5 * MINUTE, 10 * MINUTE, MINUTE, trace=True).trace
    assert trace is not None
    return trace


def walk(record: OperatorTrace) -> Iterator[OperatorTrace]:
    yield record
    for child in record.children:
        yield from walk(child)


def only(record: OperatorTrace, kind: type) -> OperatorTrace:
    (found,) = [one for one in walk(record) if isinstance(one.node, kind)]
    return found


def test_nothing_is_traced_unless_asked_for(store: MemoryStorage) -> None:
    assert Engine(store).instant("m", MINUTE).trace is None


@pytest.mark.parametrize("rows", [1, 5, 1024])
def test_a_streamed_aggregation_and_what_it_streams_over(store: MemoryStorage, rows: int) -> None:
    root = traced(store, "sum by (x) (rate(m[2m]))", Batching(rows=rows))
    window, reading = only(root, Window), only(root, RangeSelect)
    assert isinstance(root.node, Aggregate)
    assert (root.series_in, root.series, root.calls) == (SERIES, 3, 1)
    assert (window.series_in, window.series, window.steps) == (SERIES, SERIES, 6)
    assert window.batches == -(-SERIES // rows)
    assert (reading.selected, reading.series) == (SERIES, SERIES)
    # The windows cover (3m, 10m].
    assert reading.samples == SERIES * 28
    assert root.total_s >= window.total_s >= reading.total_s > 0
    assert sum(one.own_s for one in walk(root)) == pytest.approx(root.total_s)


def test_batches_on_other_threads_are_counted_where_they_belong(store: MemoryStorage) -> None:
    root = traced(store, "sum by (x) (rate(m[2m]))", Batching(rows=1, threads_from=1))
    window, reading = only(root, Window), only(root, RangeSelect)
    assert window.batches == SERIES
    assert reading.samples == SERIES * 28
    assert window.busy_s >= reading.busy_s > 0
    assert reading.total_s <= window.total_s <= root.total_s


def test_the_most_held_at_once_is_told_for_each_operator(store: MemoryStorage) -> None:
    root = traced(store, "sum(m) + count(m * 2)")
    left, right = root.children
    assert left.peak_cells == 6  # one group, six steps: the series are never held
    assert right.peak_cells >= SERIES * 6
    assert root.peak_cells >= right.peak_cells


def test_equal_parts_are_computed_once_and_the_trace_says_where(store: MemoryStorage) -> None:
    root = traced(store, "max by (x) (m * 2) - min by (x) (m * 2)")
    first, second = (side.children[0] for side in root.children)
    assert (first.reused, second.reused) == (False, True)
    assert first.children[0].samples > 0
    assert second.children[0].calls == 0


def test_subqueries_own_what_they_cost(store: MemoryStorage) -> None:
    root = traced(store, "max_over_time(rate(m[1m])[3m:30s])")
    subquery = only(root, SubquerySelect)
    assert (subquery.calls, subquery.series) == (1, SERIES)
    assert subquery.total_s >= subquery.children[0].total_s > 0
    assert root.total_s >= subquery.total_s
    assert sum(one.own_s for one in walk(root)) == pytest.approx(root.total_s)


def test_operators_made_while_running_stand_where_they_ran(store: MemoryStorage) -> None:
    root = traced(store, "absent_over_time(nothing[1m])")
    (made,) = root.children
    assert made.made
    assert isinstance(made.node, Window)
    assert made.node.function == "last_over_time"
    assert [type(child.node) for child in made.children] == [RangeSelect]
    info = traced(store, "info(w)")
    assert [child.made for child in info.children] == [False, True]
    assert info.children[1].samples == 40


def test_the_time_of_a_passed_over_operator_is_not_counted_twice(store: MemoryStorage) -> None:
    root = traced(store, "timestamp(m @ 300)")
    once = only(root, Once)
    assert once.calls == 0
    assert once.children[0].samples > 0
    assert root.own_s == pytest.approx(root.total_s - once.children[0].total_s)


def test_a_range_vector_as_the_answer(store: MemoryStorage) -> None:
    result = Engine(store).instant("m[1m]", 10 * MINUTE, trace=True)
    assert result.trace is not None
    assert only(result.trace, RangeSelect).samples == SERIES * 4


@pytest.mark.parametrize("query", QUERIES)
def test_tracing_changes_no_answer(store: MemoryStorage, query: str) -> None:
    engine = Engine(store, enable_features=ALL_FEATURES)

    def answer(trace: bool) -> object:
        try:
            result = engine.instant(query, 10 * MINUTE, trace=trace)
        except QueryError as error:
            return str(error)
        assert (result.trace is not None) is trace
        return encode_result(result), result.warnings, result.infos

    assert answer(True) == answer(False)
