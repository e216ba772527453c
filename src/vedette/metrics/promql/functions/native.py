"""histogram_count, histogram_sum, histogram_avg, histogram_stddev, histogram_stdvar: native histograms only."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.functions.instants import INSTANT_FUNCTIONS, InstantFunction
from vedette.metrics.promql.histogram.native import variance
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import drop_name
from vedette.model.histogram import FloatHistogram


def _deviation(h: FloatHistogram) -> float:
    value = variance(h)
    return math.sqrt(value) if value >= 0 else math.nan


def _average(h: FloatHistogram) -> float:
    if h.count == 0:
        return math.nan if h.sum == 0 or math.isnan(h.sum) else math.copysign(math.inf, h.sum)
    return h.sum / h.count


FUNCTIONS: dict[str, Callable[[FloatHistogram], float]] = {
    "histogram_count": lambda h: h.count,
    "histogram_sum": lambda h: h.sum,
    "histogram_avg": _average,
    "histogram_stdvar": variance,
    "histogram_stddev": _deviation,
}


def _of(function: Callable[[FloatHistogram], float]) -> InstantFunction:
    def run(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
        matrix: Matrix = args[0]
        present = matrix.histograms_present()
        values = np.zeros(matrix.values.shape)
        if matrix.histograms is not None:
            values[present] = [function(h) for h in matrix.histograms[present]]
        result = Matrix(matrix.table, values, present, None, matrix.unnamed)
        return drop_name(ctx, result.compact())

    return run


INSTANT_FUNCTIONS.update({name: _of(function) for name, function in FUNCTIONS.items()})
