"""Aggregations that see all rows of a group at once: topk, bottomk, limitk, limit_ratio, quantile."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from vedette.algebra.groups import Groups
from vedette.algebra.matrix import Matrix
from vedette.kernels import group_reduce
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.label_hash import hash_labels
from vedette.metrics.promql.plan.nodes import Aggregate, Text
from vedette.metrics.promql.run.context import Context
from vedette.model.labels import is_label_name, quote
from vedette.template.floats import format_float

Float64s = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Uint8s = npt.NDArray[np.uint8]


# What an int64 can hold, as the float that the original compares with.
_MOST = 9223372036854774784.0
_LEAST = -9223372036854775808.0


def check_parameter(ctx: Context, node: Aggregate, values: Float64s) -> None:
    """Refuses what is no count or ratio and warns of what is out of range, over all steps. Raises `ExecutionError`."""
    if not len(values):
        return
    most, least, any_nan = float(values.max()), float(values.min()), bool(np.isnan(values).any())
    if node.op in ("topk", "bottomk", "limitk"):
        if most < 1:
            return
        if any_nan:
            raise ExecutionError("Parameter value is NaN")
        if least <= _LEAST:
            raise ExecutionError(f"Scalar value {format_float(least)} underflows int64")
        if most >= _MOST:
            raise ExecutionError(f"Scalar value {format_float(most)} overflows int64")
    elif node.op == "limit_ratio":
        if any_nan:
            raise ExecutionError("Ratio value is NaN")
        if most > 1:
            ctx.annotations.warn(notes.invalid_ratio(most, 1.0), node.param_pos)
        if least < -1:
            ctx.annotations.warn(notes.invalid_ratio(least, -1.0), node.param_pos)
    elif node.op == "quantile":
        for wrong in (any_nan and math.nan, most > 1 and most, least < 0 and least):
            if wrong is not False:
                ctx.annotations.warn(notes.invalid_quantile(wrong), node.param_pos)


# Those that only ever keep some of their rows, whichever rows there are besides.
FEW = frozenset(["topk", "bottomk", "limitk"])


def choose_few(ctx: Context, node: Aggregate, matrix: Matrix, groups: Groups, params: Float64s) -> Matrix:
    if node.op == "limitk":
        return choose_limit(matrix, groups, params)
    return choose_top(ctx, node, matrix, groups, params)


def choose_top(ctx: Context, node: Aggregate, matrix: Matrix, groups: Groups, params: Float64s) -> Matrix:
    """The k greatest or smallest of each group at each step, under their own labels; an instant answer is ordered."""
    if matrix.histograms is not None and (matrix.histograms_present() & (params >= 1)).any():
        ctx.annotations.info(notes.ignored_in_aggregation(node.op), node.pos)
    floats = matrix.floats_present()
    order, bounds = groups.members()
    k = np.clip(params, 0, matrix.rows).astype(np.int64)
    chosen = np.zeros(matrix.present.shape, dtype=np.uint8)
    present = np.ascontiguousarray(floats).view(np.uint8)

    def work(values: Float64s, present: Uint8s, steps: slice) -> None:
        part = np.zeros(values.shape, dtype=np.uint8)
        group_reduce.top(values, present, order, bounds, k[steps], node.op == "topk", part)
        chosen[:, steps] = part

    _by_steps(ctx, matrix.values, present, work)
    result = Matrix(matrix.table, matrix.values, chosen.view(np.bool_), None, matrix.unnamed)
    if matrix.steps == 1:
        return _ranked(node, result, groups)
    return result.compact()


def _by_steps(
    ctx: Context, values: Float64s, present: Uint8s, work: Callable[[Float64s, Uint8s, slice], None]
) -> None:
    """`work` on a few columns at a time: groups may be as large as the matrix, but no step knows of another."""
    rows, count = values.shape

    def some(start: int, stop: int) -> None:
        steps = slice(start, stop)
        work(np.ascontiguousarray(values[:, steps]), np.ascontiguousarray(present[:, steps]), steps)

    for _ in ctx.in_batches(count, max(1, rows), some):
        pass


def _ranked(node: Aggregate, matrix: Matrix, groups: Groups) -> Matrix:
    rows = np.flatnonzero(matrix.present[:, 0])
    values = matrix.values[rows, 0]
    key = np.where(np.isnan(values), np.inf, -values if node.op == "topk" else values)
    nans = np.isnan(values).astype(np.int8)
    return matrix.take(rows[np.lexsort((key, nans, groups.of_row[rows]))])


def choose_limit(matrix: Matrix, groups: Groups, params: Float64s) -> Matrix:
    """The first k of each group at each step."""
    order, bounds = groups.members()
    k = np.clip(params, 0, matrix.rows).astype(np.int64)
    chosen = np.zeros(matrix.present.shape, dtype=np.uint8)
    group_reduce.limit(np.ascontiguousarray(matrix.present).view(np.uint8), order, bounds, k, chosen)
    return matrix.masked(chosen.view(np.bool_)).compact()


def choose_ratio(ctx: Context, matrix: Matrix, params: Float64s) -> Matrix:
    """The series whose label hash falls below the ratio; a negative ratio chooses the others."""
    capped = np.clip(params, -1.0, 1.0)
    # Series never seen by this query have no row: hashes are of the rows' own labels, name included.
    rows = ctx.stop.watched(matrix.table)
    offsets = np.array([hash_labels(labels) / 2.0**64 for labels in rows]).reshape(-1, 1)
    chosen = np.where(capped >= 0, offsets < capped, offsets >= 1.0 + capped)
    return matrix.masked(matrix.present & chosen).compact()


def quantile(ctx: Context, node: Aggregate, matrix: Matrix, groups: Groups, params: Float64s) -> Matrix:
    if matrix.histograms is not None and matrix.histograms_present().any():
        ctx.annotations.info(notes.ignored_in_aggregation(node.op), node.expr_pos)
    order, bounds = groups.members()
    out = np.zeros((groups.count, matrix.steps))
    reached = np.zeros(out.shape, dtype=np.uint8)
    floats = np.ascontiguousarray(matrix.floats_present()).view(np.uint8)

    def work(values: Float64s, present: Uint8s, steps: slice) -> None:
        part, hit = (
            np.zeros((groups.count, values.shape[1])),
            np.zeros((groups.count, values.shape[1]), np.uint8),
        )
        group_reduce.quantile(values, present, order, bounds, params[steps], part, hit)
        out[:, steps], reached[:, steps] = part, hit

    _by_steps(ctx, matrix.values, floats, work)
    return Matrix(groups.table, out, reached.view(np.bool_))


def check_label(node: Aggregate) -> None:
    """Raises `ExecutionError` when the label that is to hold the value is none."""
    assert isinstance(node.param, Text)
    if not is_label_name(node.param.value):
        raise ExecutionError(f"invalid label name {_quoted(node.param.value)}")


def _quoted(label: str) -> str:
    data = label.encode("utf-8", "surrogateescape")
    try:
        return quote(data.decode("utf-8"))
    except UnicodeDecodeError:
        return '"' + "".join(chr(b) if 32 <= b < 127 else f"\\x{b:02x}" for b in data) + '"'
