"""What happens to metric names, and to rows that become equal when names go."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vedette.algebra.distinct import distinct
from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.kernels import group_reduce, label_order
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.run.context import Context
from vedette.model.labels import Labels, Matcher, MatchOp

# Up to so many rows are put in order by comparing them; with more, the columns are ranked as wholes.
# A tenth of a second.
_SORTED_AT_ONCE = 1 << 17
_FEW_ROWS = 256
DUPLICATE = "vector cannot contain metrics with the same labelset"


def drop_name(ctx: Context, matrix: Matrix) -> Matrix:
    """The metric name goes: at once, or at the end of the query when name removal is delayed."""
    if ctx.delayed_names:
        return replace(matrix, unnamed=np.ones(matrix.rows, dtype=np.bool_))
    return merge_equal(matrix, matrix.table.drop(ctx.metadata_labels), ctx.metadata_labels)


def finish_names(ctx: Context, matrix: Matrix) -> Matrix:
    """The delayed part of `drop_name`, at the end of the query."""
    if matrix.unnamed is None or not matrix.unnamed.any():
        return matrix
    if matrix.unnamed.all():
        table = matrix.table.drop(ctx.metadata_labels)
    else:
        columns = dict(matrix.table.columns)
        for name in ctx.metadata_labels:
            if name in columns:
                columns[name] = np.where(matrix.unnamed, 0, columns[name]).astype(np.int32)
        table = LabelTable(matrix.table.symbols, columns, matrix.rows)
    return merge_equal(replace(matrix, unnamed=None), table, ctx.metadata_labels)


def merge_equal(
    matrix: Matrix, table: LabelTable, dropped: tuple[str, ...] = (), message: str = DUPLICATE
) -> Matrix:
    """`matrix` under the labels of `table`, where rows that now are equal become one.

    Two of them at the same step are an error. `dropped`: the only columns that `table` lost, which makes the common
    case (one metric name) quick.
    """
    if dropped and not _had_variety(matrix.table, dropped):
        return matrix.relabelled(table)
    groups, firsts = table.group()
    if len(firsts) == matrix.rows:
        return matrix.relabelled(table)
    counts = np.zeros((len(firsts), matrix.steps))
    group_reduce.add_count(np.ascontiguousarray(matrix.present).view(np.uint8), groups, counts)
    if (counts > 1).any():
        raise ExecutionError(message)
    values = np.zeros((len(firsts), matrix.steps))
    histograms = None
    if matrix.histograms is not None:
        histograms = np.full(values.shape, None, dtype=object)
    rows, steps = np.nonzero(matrix.present)
    values[groups[rows], steps] = matrix.values[rows, steps]
    if histograms is not None and matrix.histograms is not None:
        histograms[groups[rows], steps] = matrix.histograms[rows, steps]
    unnamed = None if matrix.unnamed is None else matrix.unnamed[_earliest(matrix, groups, len(firsts))]
    return Matrix(table.take(firsts), values, counts > 0, histograms, unnamed)


def _earliest(matrix: Matrix, groups: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Of each group the row that is there first: as in the original, it decides whether the name goes in the end."""
    seen = np.where(matrix.present.any(axis=1), matrix.present.argmax(axis=1), matrix.steps)
    order = np.lexsort((seen, groups))
    found: npt.NDArray[np.int64] = order[np.searchsorted(groups[order], np.arange(count))]
    return found


def _had_variety(table: LabelTable, names: tuple[str, ...]) -> bool:
    """Whether rows differ in one of the columns, so that dropping them can make rows equal."""
    for name in names:
        column = table.columns.get(name)
        if column is not None and len(column) > 1 and bool((column != column[0]).any()):
            return True
    return False


def full_text(labels: Labels) -> str:
    """A label set with its name as a label, as the original prints it in errors."""
    return "{" + ", ".join(str(Matcher(n, MatchOp.EQUAL, v)) for n, v in labels) + "}"


def metric_name(table: LabelTable, row: int) -> str:
    return table.value(row, "__name__")


def sort_order(table: LabelTable, check: Callable[[], None] = lambda: None) -> npt.NDArray[np.int64]:
    """Rows in the order of their label sets: compared pair by pair, a prefix before what it begins.

    `check` is called now and then, and may raise to end the work.
    """
    if table.rows < 2:
        return np.arange(table.rows, dtype=np.int64)
    names = sorted(table.columns)
    if not names:
        return np.arange(table.rows, dtype=np.int64)
    if table.rows <= _FEW_ROWS:
        order = np.empty(table.rows, dtype=np.int64)
        label_order.order([table.columns[name] for name in names], *table.symbols.lists(), order)
        return order
    columns = np.stack([table.columns[name] for name in names])
    strings = table.symbols.strings
    varied = (columns != columns[:, :1]).any(axis=1).tolist()
    keys: list[npt.NDArray[np.int64]] = []
    later = np.zeros(table.rows, dtype=np.bool_)
    for column, varies in zip(columns[::-1], reversed(varied), strict=True):
        if not varies:
            # What all rows have, or none, tells none apart; but who lacks an earlier label comes behind it.
            if column[0]:
                later[:] = True
            continue
        used = distinct(column)
        texts = [strings[i] for i in used.tolist()]
        ranks = np.empty(len(used), dtype=np.int64)
        ranks[_ascending(texts, check)] = np.arange(1, len(used) + 1)
        key = ranks[np.searchsorted(used, column)]
        missing = column == 0
        # Without this label: first when nothing follows, else behind everybody who has it.
        key = np.where(missing, np.where(later, len(used) + 2, 0), key)
        keys.append(key)
        later |= ~missing
    if not keys:
        return np.arange(table.rows, dtype=np.int64)
    # lexsort's last key is the most significant: that of the first name.
    return np.lexsort(keys).astype(np.int64)


def _ascending(texts: list[str], check: Callable[[], None]) -> list[int]:
    """The indexes of `texts` in their order. Very many are sorted in parts: one call would keep every other thread of the
    process waiting."""
    if len(texts) <= _SORTED_AT_ONCE:
        return sorted(range(len(texts)), key=texts.__getitem__)
    runs: list[list[int]] = []
    for at in range(0, len(texts), _SORTED_AT_ONCE):
        check()
        runs.append(sorted(range(at, min(at + _SORTED_AT_ONCE, len(texts))), key=texts.__getitem__))
    merged: list[int] = []
    for i in heapq.merge(*runs, key=texts.__getitem__):
        if len(merged) % 4096 == 0:
            check()
        merged.append(i)
    return merged
