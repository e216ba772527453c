"""How rules ask PromQL."""

from __future__ import annotations

import numpy as np

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.queries.asked import Asked, Origin, from_rules
from vedette.metrics.queries.watch import QueryWatch
from vedette.metrics.rules.evaluation import RuleError, Vector
from vedette.metrics.rules.group import GroupDefinition


class RuleQuery:
    """The role's `Query`: instant queries of an engine. Native histograms among the results are left out.

    With a `watch`, queries are counted and logged under `origin`.
    """

    def __init__(self, engine: Engine, watch: QueryWatch | None = None, origin: Origin | None = None) -> None:
        self._engine = engine
        self._watch = watch
        self._origin = origin or {}

    def of_group(self, group: GroupDefinition) -> RuleQuery:
        return RuleQuery(self._engine, self._watch, from_rules(group.file, group.name))

    def __call__(self, expr: str, time: int) -> Vector:
        try:
            result = self._ask(expr, time)
        except QueryError as error:
            raise RuleError(str(error)) from None
        if result.kind not in ("vector", "scalar"):
            raise RuleError("rule result is not a vector or scalar")
        there = result.present[:, 0]
        if result.histograms is not None:
            there = there & np.array([h is None for h in result.histograms[:, 0].tolist()], dtype=np.bool_)
        rows = np.flatnonzero(there)
        return Vector(result.table.take(rows), np.ascontiguousarray(result.values[rows, 0]))

    def _ask(self, expr: str, time: int) -> QueryResult:
        if self._watch is None:
            return self._engine.instant(expr, time)
        with self._watch.metrics.queries.track_inprogress():
            return self._watch.evaluate(
                Asked(expr, time, time, 0),
                self._origin,
                lambda stats: self._engine.instant(expr, time, stats=stats),
            )
