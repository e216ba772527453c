"""Metric queries: one `match` from node to operator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vedette.logs.logql.run.matrix import Grid, Matrix, Scalar
from vedette.logs.logql.run.operators import combine
from vedette.logs.logql.run.ranges import run_range
from vedette.logs.logql.run.source import Stats
from vedette.logs.logql.run.vectors import aggregate
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import LogQLError, NotSupported
from vedette.logs.store.store import LogStore
from vedette.model.labels import Labels


def run_metric_query(
    store: LogStore,
    query: n.MetricQuery,
    grid: Grid,
    max_series: int,
    stats: Stats,
    check: Callable[[], None],
) -> Matrix | Scalar:
    """The result over `grid`, series in the order to show them. Raises `LogQLError`."""
    result = _Evaluation(store, grid, stats, check).value(query)
    if isinstance(result, Scalar):
        return result
    if max_series and len(result) > max_series:
        raise LogQLError(
            f"maximum number of series ({max_series}) reached for a single query; consider reducing query cardinality by "
            "adding more specific stream selectors, reducing the time range, or aggregating results with functions like "
            "sum(), count() or topk()",
            positioned=False,
        )
    if result.ordered:
        return result
    order = sorted(range(len(result)), key=lambda row: result.labels[row].pairs)
    return result.take(order)


class _Evaluation:
    def __init__(self, store: LogStore, grid: Grid, stats: Stats, check: Callable[[], None]) -> None:
        self._store, self._grid, self._stats, self._check = store, grid, stats, check

    def value(self, node: n.MetricQuery) -> Matrix | Scalar:
        match node:
            case n.Number(value):
                return Scalar(value)
            case n.VectorNumber(value):
                steps = self._grid.count
                return Matrix([Labels()], np.full((1, steps), value), np.ones((1, steps), dtype=bool))
            case n.RangeAggregation():
                return self._range(node)
            case n.VectorAggregation(op="sum", body=n.RangeAggregation() as inner):
                # Summing while counting: the series of the inner aggregation are never made.
                return self._range(inner, node.grouping or n.Grouping(()))
            case n.VectorAggregation():
                body = self.value(node.body)
                if isinstance(body, Scalar):
                    raise LogQLError(f"unexpected type for {node.op}: a number has no series")
                return aggregate(node, body).without_empty_rows()
            case n.BinaryOperation():
                return combine(node, self.value(node.left), self.value(node.right), self._grid)
            case n.LabelReplace():
                raise NotSupported("label_replace")
        raise AssertionError(f"BUG: a query without a meaning: {node!r}")

    def _range(self, node: n.RangeAggregation, grouping: n.Grouping | None = None) -> Matrix:
        return run_range(self._store, node, self._grid, self._stats, self._check, grouping)
