"""Functions of one float each: abs, ceil, round, clamp, trigonometry. Histograms have no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.functions.instants import INSTANT_FUNCTIONS, InstantFunction, instant
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.elementwise import elementwise
from vedette.metrics.promql.run.names import drop_name
from vedette.metrics.promql.scalar_math import greater, lesser

Float64s = npt.NDArray[np.float64]


def mapped(ctx: Context, matrix: Matrix, values: Float64s) -> Matrix:
    """`values` in place of the floats; no histograms, no metric name."""
    return drop_name(ctx, Matrix(matrix.table, values, matrix.floats_present(), None, matrix.unnamed))


def _of(function: Callable[[Any], Any]) -> InstantFunction:
    def run(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
        matrix: Matrix = args[0]
        return mapped(ctx, matrix, elementwise(ctx, matrix, lambda rows: function(matrix.values[rows])))

    return run


def _sgn(x: Float64s) -> Float64s:
    # The sign of a zero is kept.
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, x))


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sgn": _sgn,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "deg": lambda x: x * 180.0 / np.pi,
    "rad": lambda x: x * np.pi / 180.0,
}
INSTANT_FUNCTIONS.update({name: _of(function) for name, function in FUNCTIONS.items()})


@instant("round")
def round_to(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    """To the nearest multiple; ties go up."""
    matrix: Matrix = args[0]
    to = args[1] if len(args) > 1 else np.ones(steps.count)
    # Dividing by the inverse keeps decimal fractions exact.
    with np.errstate(all="ignore"):
        inverse = 1.0 / to.reshape(1, -1)
    rounded = elementwise(ctx, matrix, lambda rows: np.floor(matrix.values[rows] * inverse + 0.5) / inverse)
    return mapped(ctx, matrix, rounded)


@instant("clamp")
def clamp(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix, low, high = args[0], args[1].reshape(1, -1), args[2].reshape(1, -1)
    # An empty interval has no answer, nor one that could be equal to another.
    matrix = matrix.masked(matrix.present & ~(high < low)).compact()
    return mapped(
        ctx, matrix, elementwise(ctx, matrix, lambda rows: greater(low, lesser(high, matrix.values[rows])))
    )


@instant("clamp_min")
def clamp_min(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix, low = args[0], args[1].reshape(1, -1)
    return mapped(ctx, matrix, elementwise(ctx, matrix, lambda rows: greater(low, matrix.values[rows])))


@instant("clamp_max")
def clamp_max(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix, high = args[0], args[1].reshape(1, -1)
    return mapped(ctx, matrix, elementwise(ctx, matrix, lambda rows: lesser(high, matrix.values[rows])))
