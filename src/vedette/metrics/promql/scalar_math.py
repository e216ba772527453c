"""The arithmetic of binary operators on float columns, with C's rules: nothing raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.metrics.promql.errors import ExecutionError
from vedette.model.labels import quote

Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def arithmetic(op: str, left: Float64s, right: Float64s) -> Float64s:
    with np.errstate(all="ignore"):
        result: Float64s = ARITHMETIC[op](left, right)
    return result


def compare(op: str, left: Float64s, right: Float64s) -> Bools:
    with np.errstate(all="ignore"):
        result: Bools = COMPARE[op](left, right)
    return result


def scalar_binary(op: str, left: Float64s, right: Float64s) -> Float64s:
    """Two scalars; comparisons give 0 and 1."""
    if op in COMPARE:
        return compare(op, left, right).astype(np.float64)
    if op not in ARITHMETIC:
        raise ExecutionError(f"operator {quote(op)} not allowed for Scalar operations")
    return arithmetic(op, left, right)


def greater(left: Float64s, right: Float64s) -> Float64s:
    """The greater of two: an infinity wins over NaN, NaN over everything else, and 0 over -0."""
    with np.errstate(all="ignore"):
        picked = np.maximum(left, right)
        picked = np.where((left == 0) & (right == 0), left + right, picked)
        return np.where((left == np.inf) | (right == np.inf), np.inf, picked)


def lesser(left: Float64s, right: Float64s) -> Float64s:
    """The lesser of two: a negative infinity wins over NaN, NaN over everything else, and -0 over 0."""
    return -greater(-left, -right)
