"""How rules ask PromQL."""

from __future__ import annotations

import numpy as np

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.rules.evaluation import RuleError, Vector


class RuleQuery:
    """The role's `Query`: instant queries of an engine. Native histograms among the results are left out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, expr: str, time: int) -> Vector:
        try:
            result = self._engine.instant(expr, time)
        except QueryError as error:
            raise RuleError(str(error)) from None
        if result.kind not in ("vector", "scalar"):
            raise RuleError("rule result is not a vector or scalar")
        there = result.present[:, 0]
        if result.histograms is not None:
            there = there & np.array([h is None for h in result.histograms[:, 0].tolist()], dtype=np.bool_)
        rows = np.flatnonzero(there)
        return Vector(result.table.take(rows), np.ascontiguousarray(result.values[rows, 0]))
