"""Calendar functions in UTC: minute, hour, day_of_week, ..., and timestamps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.metrics.promql.functions.instants import INSTANT_FUNCTIONS, InstantFunction
from vedette.metrics.promql.functions.math import mapped
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
_DAY = 86400


def _days(seconds: Int64s) -> Int64s:
    return seconds // _DAY


def _as_dates(seconds: Int64s) -> npt.NDArray[np.datetime64]:
    return _days(seconds).astype("datetime64[D]")


def _month_index(seconds: Int64s) -> Int64s:
    return _as_dates(seconds).astype("datetime64[M]").astype(np.int64)


def _year(seconds: Int64s) -> Int64s:
    return _as_dates(seconds).astype("datetime64[Y]").astype(np.int64) + 1970


def _first_of_month(months: Int64s) -> Int64s:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _day_of_year(seconds: Int64s) -> Int64s:
    first = (_year(seconds) - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return _days(seconds) - first + 1


def _days_in_month(seconds: Int64s) -> Int64s:
    months = _month_index(seconds)
    return _first_of_month(months + 1) - _first_of_month(months)


PARTS: dict[str, Callable[[Int64s], Int64s]] = {
    "minute": lambda s: s % 3600 // 60,
    "hour": lambda s: s % _DAY // 3600,
    # 1 January 1970 was a Thursday; Sunday is 0.
    "day_of_week": lambda s: (_days(s) + 4) % 7,
    "day_of_month": lambda s: _days(s) - _first_of_month(_month_index(s)) + 1,
    "day_of_year": _day_of_year,
    "days_in_month": _days_in_month,
    "month": lambda s: _month_index(s) % 12 + 1,
    "year": _year,
}
# What a calendar can hold without overflow; beyond it there is no such date.
_LONGEST = 1e14


def _part(part: Callable[[Int64s], Int64s]) -> InstantFunction:
    def run(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
        if not args:
            now = (steps.times() // 1000).reshape(1, -1)
            values = np.ascontiguousarray(part(now).astype(np.float64))
            return Matrix(LabelTable.one_empty(ctx.symbols), values, np.ones(values.shape, dtype=np.bool_))
        matrix: Matrix = args[0]
        known = np.isfinite(matrix.values) & (np.abs(matrix.values) < _LONGEST)
        seconds = np.where(known, matrix.values, 0.0).astype(np.int64)
        return mapped(ctx, matrix, np.where(known, part(seconds).astype(np.float64), np.nan))

    return run


INSTANT_FUNCTIONS.update({name: _part(part) for name, part in PARTS.items()})
