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


def _as_dates(days: Int64s) -> npt.NDArray[np.datetime64]:
    return days.astype("datetime64[D]")


def _month_index(days: Int64s) -> Int64s:
    return _as_dates(days).astype("datetime64[M]").astype(np.int64)


def _year(days: Int64s) -> Int64s:
    return _as_dates(days).astype("datetime64[Y]").astype(np.int64) + 1970


def _first_of_month(months: Int64s) -> Int64s:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _day_of_year(days: Int64s) -> Int64s:
    first = (_year(days) - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return days - first + 1


def _days_in_month(days: Int64s) -> Int64s:
    months = _month_index(days)
    return _first_of_month(months + 1) - _first_of_month(months)


# Days since the epoch, and seconds of the day.
PARTS: dict[str, Callable[[Int64s, Int64s], Int64s]] = {
    "minute": lambda days, s: s % 3600 // 60,
    "hour": lambda days, s: s // 3600,
    # 1 January 1970 was a Thursday; Sunday is 0.
    "day_of_week": lambda days, s: (days + 4) % 7,
    "day_of_month": lambda days, s: days - _first_of_month(_month_index(days)) + 1,
    "day_of_year": lambda days, s: _day_of_year(days),
    "days_in_month": lambda days, s: _days_in_month(days),
    "month": lambda days, s: _month_index(days) % 12 + 1,
    "year": lambda days, s: _year(days),
}
# The original counts seconds from a year so early that no int64 lies before it but the very last ones, which wrap.
_EARLIEST = np.uint64(9223372028715321600)
_EARLIEST_DAY = int(_EARLIEST) // _DAY


def _split(values: Float64s) -> tuple[Int64s, Int64s]:
    """Days since the epoch and seconds of the day; what no int64 can hold is the least one, as on the original."""
    fits = (values >= -(2.0**63)) & (values < 2.0**63)
    least = np.iinfo(np.int64).min
    whole = np.where(fits, values, 0.0).astype(np.int64)
    counted = np.where(fits, whole, least).astype(np.uint64) + _EARLIEST
    days = (counted // np.uint64(_DAY)).astype(np.int64) - _EARLIEST_DAY
    return days, (counted % np.uint64(_DAY)).astype(np.int64)


def _part(part: Callable[[Int64s, Int64s], Int64s]) -> InstantFunction:
    def run(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
        if not args:
            # Whole seconds towards zero, so that times before the epoch are rounded up.
            now = np.trunc(steps.times() / 1000.0).reshape(1, -1)
            values = np.ascontiguousarray(part(*_split(now)).astype(np.float64))
            return Matrix(LabelTable.one_empty(ctx.symbols), values, np.ones(values.shape, dtype=np.bool_))
        matrix: Matrix = args[0]
        return mapped(ctx, matrix, part(*_split(matrix.values)).astype(np.float64))

    return run


INSTANT_FUNCTIONS.update({name: _part(part) for name, part in PARTS.items()})
