"""histogram_quantile, histogram_quantiles, histogram_fraction on classic and native histograms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.groups import Groups, group_by
from vedette.algebra.matrix import Matrix, concat
from vedette.kernels import histogram_classic
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.functions.instants import instant
from vedette.metrics.promql.histogram import native
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import drop_name, merge_equal, metric_name
from vedette.model.labels import BUCKET_LABEL, is_label_name
from vedette.model.values import parse_go_float
from vedette.template.floats import format_float

Float64s = npt.NDArray[np.float64]
Uint8s = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]


@dataclass(slots=True)
class Histograms:
    """An instant vector taken apart: classic buckets in groups, native histograms row by row."""

    matrix: Matrix
    upper: Float64s  # [rows], the bound of each row's bucket
    classic: Uint8s  # [rows, steps]
    native: npt.NDArray[np.bool_]  # [rows, steps]
    groups: Groups  # of all rows, by their labels without `le`
    order: Int64s
    bounds: Int64s


def take_apart(ctx: Context, node: Call, matrix: Matrix, position: int) -> Histograms:
    """Says which buckets can't be used, and which names are both classic and native (neither is answered then)."""
    upper = _bounds(ctx, matrix, position)
    good = ~np.isnan(upper)
    floats = matrix.floats_present() & good.reshape(-1, 1)
    found = matrix.histograms_present()
    # Buckets of two metrics are two histograms, whether the names are told in the end or not.
    groups = group_by(matrix.table, (BUCKET_LABEL,), without=True)
    _drop_mixed(ctx, matrix, groups, floats, found, position)
    rank = np.lexsort((upper, groups.of_row)).astype(np.int64)
    sizes = np.bincount(groups.of_row, minlength=groups.count)
    bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes, dtype=np.int64)])
    return Histograms(matrix, upper, np.ascontiguousarray(floats).view(np.uint8), found, groups, rank, bounds)


# The bounds of buckets are few and come again in every query.
_bound = lru_cache(maxsize=4096)(parse_go_float)


def _bounds(ctx: Context, matrix: Matrix, position: int) -> Float64s:
    column = matrix.table.column(BUCKET_LABEL)
    used, inverse = np.unique(column, return_inverse=True)
    parsed = np.full(len(used), np.nan)
    for i, value in ctx.stop.watched(enumerate(used.tolist())):
        try:
            parsed[i] = _bound(ctx.symbols.strings[value])
        except ValueError:
            parsed[i] = np.nan
    upper = parsed[inverse]
    if np.isnan(upper).any():
        bad = np.flatnonzero(np.isnan(upper) & matrix.floats_present().any(axis=1))
        for row in bad.tolist():
            text = matrix.table.value(row, BUCKET_LABEL)
            ctx.annotations.warn(notes.bad_bucket_label(text, _noted_name(ctx, matrix, row)), position)
    return upper


def _drop_mixed(ctx: Context, matrix: Matrix, groups: Groups, floats: Any, found: Any, position: int) -> None:
    if not found.any() or not floats.any():
        return
    shape = (groups.count, matrix.steps)
    classic, native_ = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    np.logical_or.at(classic, groups.of_row, floats)
    np.logical_or.at(native_, groups.of_row, found)
    both = classic & native_
    if not both.any():
        return
    for group in np.flatnonzero(both.any(axis=1)).tolist():
        row = int(np.flatnonzero(groups.of_row == group)[0])
        ctx.annotations.warn(notes.mixed_classic_native(_noted_name(ctx, matrix, row)), position)
    floats &= ~both[groups.of_row]
    found &= ~both[groups.of_row]


def _answers(
    ctx: Context,
    parts: Histograms,
    classic: Callable[[Float64s, Uint8s], None],
    one: Callable[[Any, int, str], float],
) -> Matrix:
    """One row a group from the classic kernel, one a native row."""
    matrix, groups = parts.matrix, parts.groups
    out = np.zeros((groups.count, matrix.steps))
    reached = np.zeros(out.shape, dtype=np.uint8)
    classic(out, reached)
    answers = Matrix(groups.table, out, reached.view(np.bool_), None, _unnamed(matrix, groups))
    results = [answers.compact()]
    if parts.native.any():
        assert matrix.histograms is not None
        values = np.zeros(matrix.values.shape)
        rows, steps = np.nonzero(parts.native)
        for row, step in ctx.stop.watched(zip(rows.tolist(), steps.tolist(), strict=True)):
            values[row, step] = one(matrix.histograms[row, step], step, _noted_name(ctx, matrix, row))
        results.append(Matrix(matrix.table, values, parts.native, None, matrix.unnamed).compact())
    return drop_name(ctx, concat(results))


def _unnamed(matrix: Matrix, groups: Groups) -> Any:
    if matrix.unnamed is None:
        return None
    unnamed = np.zeros(groups.count, dtype=np.bool_)
    np.logical_or.at(unnamed, groups.of_row, matrix.unnamed)
    return unnamed


def quantile_of(ctx: Context, parts: Histograms, q: Float64s, steps: Steps, position: int) -> Matrix:
    forced = np.zeros((parts.groups.count, parts.matrix.steps, 3))

    def classic(out: Float64s, reached: Uint8s) -> None:
        histogram_classic.quantile(
            parts.matrix.values,
            parts.classic,
            parts.order,
            parts.bounds,
            parts.upper,
            q,
            out,
            reached,
            forced,
        )

    def one(h: Any, step: int, metric: str) -> float:
        return native.quantile(h, float(q[step]), metric, lambda text: ctx.annotations.info(text, position))

    result = _answers(ctx, parts, classic, one)
    _note_forced(ctx, parts, forced, steps, position)
    return result


def _note_forced(ctx: Context, parts: Histograms, forced: Float64s, steps: Steps, position: int) -> None:
    """`forced`: [groups, steps, 3], lowest bound, highest bound, largest difference (0: nothing was forced)."""
    for group in np.flatnonzero((forced[:, :, 2] > 0).any(axis=1)).tolist():
        hit = np.flatnonzero(forced[group, :, 2] > 0)
        cells = forced[group][hit]
        row = int(np.flatnonzero(parts.groups.of_row == group)[0])
        found = notes.ForcedMonotonicity(
            float(cells[:, 0].min()),
            float(cells[:, 1].max()),
            float(cells[:, 2].max()),
            len(hit),
            steps.start + int(hit[0]) * steps.step,
            steps.start + int(hit[-1]) * steps.step,
        )
        ctx.annotations.forced_monotonicity(_noted_name(ctx, parts.matrix, row), position, found)


def _noted_name(ctx: Context, matrix: Matrix, row: int) -> str:
    """The name that an annotation tells: none when names are dropped at once."""
    return metric_name(matrix.table, row) if ctx.delayed_names else ""


def _check_quantiles(ctx: Context, q: Float64s, position: int) -> None:
    for value in dict.fromkeys(q.tolist()):
        if not 0 <= value <= 1:
            ctx.annotations.warn(notes.invalid_quantile(value), position)


@instant("histogram_quantile")
def histogram_quantile(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    q, matrix = args
    _check_quantiles(ctx, q, node.arg_positions[0])
    position = node.arg_positions[1]
    parts = take_apart(ctx, node, matrix, position)
    return quantile_of(ctx, parts, q, steps, position)


@instant("histogram_quantiles")
def histogram_quantiles(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    """Several quantiles at once, told apart by a label."""
    matrix, label, *quantiles = args
    if not is_label_name(label):
        raise ExecutionError(f"invalid label name {label}")
    position = node.arg_positions[0]
    parts = take_apart(ctx, node, matrix, position)
    results = []
    for i, q in enumerate(quantiles):
        _check_quantiles(ctx, q, node.arg_positions[2 + i])
        result = quantile_of(ctx, parts, q, steps, position)
        for text in dict.fromkeys(map(_quantile_text, q.tolist())):
            here = np.array([_quantile_text(value) == text for value in q.tolist()])
            chosen = result.masked(result.present & here.reshape(1, -1)).compact()
            column = np.full(chosen.rows, ctx.symbols.intern(text), dtype=np.int32)
            results.append(chosen.relabelled(chosen.table.with_column(label, column)))
    joined = concat(results)
    return merge_equal(joined, joined.table)


def _quantile_text(value: float) -> str:
    """As OpenMetrics writes label values that are numbers: always with a point or an exponent."""
    text = format_float(value)
    return text if not text.lstrip("-").isdigit() else f"{text}.0"


@instant("histogram_fraction")
def histogram_fraction(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    low, high, matrix = args
    position = node.arg_positions[2]
    parts = take_apart(ctx, node, matrix, position)

    def classic(out: Float64s, reached: Uint8s) -> None:
        histogram_classic.fraction(
            matrix.values, parts.classic, parts.order, parts.bounds, parts.upper, low, high, out, reached
        )

    def one(h: Any, step: int, metric: str) -> float:
        return native.fraction(
            h, float(low[step]), float(high[step]), metric, lambda text: ctx.annotations.info(text, position)
        )

    return _answers(ctx, parts, classic, one)
