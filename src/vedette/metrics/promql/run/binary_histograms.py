"""Binary operators where a histogram stands on a side: cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.histogram.trim import trim
from vedette.metrics.promql.plan.nodes import MixedBinary, VectorBinary
from vedette.metrics.promql.run.context import Context
from vedette.metrics.promql.run.names import metric_name
from vedette.metrics.promql.syntax.tokens import TRIMS
from vedette.model.histogram import FloatHistogram, IncompatibleSchema

Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def histogram_cells(
    ctx: Context,
    node: MixedBinary | VectorBinary,
    left: Matrix,
    right: Matrix | Float64s,
    result: Matrix,
    both: Bools | None = None,
) -> Matrix:
    """`result`, which has the floats, with the cells where at least one side is a histogram.

    With a scalar side `left` is the vector and `right` the numbers; `node` knows which side is which.
    """
    if isinstance(right, Matrix):
        assert both is not None
        mixed = both & (left.histograms_present() | right.histograms_present())
    else:
        mixed = left.histograms_present() if node.op not in TRIMS else left.present
    rows, steps = np.nonzero(mixed)
    if not len(rows):
        return result
    values, present = result.values.copy(), result.present.copy()
    histograms = np.full(values.shape, None, dtype=object)
    for row, step in ctx.stop.watched(zip(rows.tolist(), steps.tolist(), strict=True)):
        a = _cell(left, row, step)
        b = _cell(right, row, step) if isinstance(right, Matrix) else float(right[step])
        if isinstance(node, MixedBinary) and node.scalar_left:
            a, b = b, a
        kept = a if not (isinstance(node, MixedBinary) and node.scalar_left) else b
        got = _operate(ctx, node, a, b, kept, metric_name(left.table, row))
        present[row, step] = got is not None
        if isinstance(got, FloatHistogram):
            histograms[row, step] = got
        elif got is not None:
            values[row, step] = got
    return Matrix(result.table, values, present, histograms, result.unnamed)


def combinable(op: str, left: Matrix, right: Matrix) -> Bools:
    """Where both sides are present and of kinds that the operator knows."""
    both = left.present & right.present
    if left.histograms is None and right.histograms is None:
        return both if op not in TRIMS else np.zeros_like(both)
    left_found, right_found = left.histograms_present(), right.histograms_present()
    known: Bools = both & left_found & right_found & (op in ("+", "-", "==", "!="))
    known |= both & left_found & ~right_found & (op in ("*", "/", *TRIMS))
    known |= both & ~left_found & right_found & (op == "*")
    known |= both & ~left_found & ~right_found & (op not in TRIMS)
    if op in ("+", "-"):
        for row, step in zip(*(axis.tolist() for axis in np.nonzero(left_found & right_found)), strict=True):
            known[row, step] &= _cell(left, row, step).custom == _cell(right, row, step).custom
    return known


def _cell(matrix: Matrix, row: int, step: int) -> Any:
    if matrix.histograms is not None and matrix.histograms[row, step] is not None:
        return matrix.histograms[row, step]
    return float(matrix.values[row, step])


def _operate(ctx: Context, node: MixedBinary | VectorBinary, a: Any, b: Any, kept: Any, metric: str) -> Any:
    """The value of one cell, or None for nothing."""
    left, right = isinstance(a, FloatHistogram), isinstance(b, FloatHistogram)
    op = node.op
    if left and right:
        return _two(ctx, node, a, b, metric)
    if left and op == "*":
        return a.mul(b).compact()
    if left and op == "/":
        return a.div(b).compact()
    if right and op == "*":
        return b.mul(a).compact()
    if left and op in TRIMS:
        return trim(a, b, below=op == "</")
    kinds = ["histogram" if side else "float" for side in (left, right)]
    ctx.annotations.info(notes.incompatible_types(kinds[0], op, kinds[1]), node.pos)
    return None


def _two(
    ctx: Context, node: MixedBinary | VectorBinary, a: FloatHistogram, b: FloatHistogram, metric: str
) -> Any:
    op = node.op
    if op in ("==", "!="):
        hit = (a == b) == (op == "==")
        if node.bool_modifier:
            return float(hit)
        return a if hit else None
    if op not in ("+", "-"):
        ctx.annotations.info(notes.incompatible_types("histogram", op, "histogram"), node.pos)
        return None
    try:
        combined = a.add(b) if op == "+" else a.sub(b)
    except IncompatibleSchema:
        ctx.annotations.warn(notes.incompatible_layout(op), node.pos)
        return None
    what = "addition" if op == "+" else "subtraction"
    if combined.conflict:
        ctx.annotations.warn(notes.conflicting_resets(what), node.pos)
    if combined.reconciled:
        ctx.annotations.info(notes.reconciled_buckets(what), node.pos)
    return combined.histogram.compact()
