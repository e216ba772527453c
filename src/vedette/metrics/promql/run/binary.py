"""Arithmetic and comparison between vectors, and between a vector and a scalar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vedette.algebra.groups import match_rows, pairs
from vedette.algebra.matrix import Matrix, concat
from vedette.algebra.table import LabelTable
from vedette.kernels import group_reduce
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.plan.nodes import MixedBinary, VectorBinary
from vedette.metrics.promql.run.binary_histograms import combinable, histogram_cells
from vedette.metrics.promql.run.context import Context
from vedette.metrics.promql.run.elementwise import elementwise
from vedette.metrics.promql.run.names import drop_name, full_text, merge_equal
from vedette.metrics.promql.scalar_math import ARITHMETIC, COMPARE, arithmetic, compare
from vedette.metrics.promql.syntax.nodes import Card, Matching
from vedette.metrics.promql.syntax.tokens import TRIMS
from vedette.model.labels import METRIC_NAME

Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

MANY_TO_ONE = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
NOT_UNIQUE = "multiple matches for labels: grouping labels must ensure unique matches"


def changes_meaning(op: str) -> bool:
    """Whether the result no longer is what the metric's name says."""
    return op in ARITHMETIC


def vector_scalar(ctx: Context, node: MixedBinary, matrix: Matrix, numbers: Float64s) -> Matrix:
    """`numbers` is the scalar side, [steps]. Comparisons keep the vector's value."""
    row = numbers.reshape(1, -1)

    def sides(rows: slice) -> tuple[Float64s, Float64s]:
        return (row, matrix.values[rows]) if node.scalar_left else (matrix.values[rows], row)

    floats = matrix.floats_present()
    present, values = floats, matrix.values
    if node.op in COMPARE:
        if node.bool_modifier:
            values = elementwise(ctx, matrix, lambda rows: compare(node.op, *sides(rows)))
        else:
            present = floats & compare(node.op, *sides(slice(None)))
    elif node.op in ARITHMETIC:
        values = elementwise(ctx, matrix, lambda rows: arithmetic(node.op, *sides(rows)))
    else:
        present = np.zeros_like(floats)
    result = replace(matrix, values=values, present=present, histograms=None)
    if node.op in TRIMS or (matrix.histograms is not None and matrix.histograms_present().any()):
        result = histogram_cells(ctx, node, matrix, numbers, result)
    if changes_meaning(node.op) or node.bool_modifier:
        result = drop_name(ctx, result)
    return result if node.bool_modifier or node.op in ARITHMETIC else result.compact()


def vector_vector(ctx: Context, node: VectorBinary, left: Matrix, right: Matrix) -> Matrix:
    matching = node.matching
    swapped = matching.card is Card.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    # As the original: with group_right `fill_left` still speaks of the side that has many.
    fill_many, fill_one = matching.fill_left, matching.fill_right
    # Names take part in a match only when `on` lists them.
    names = matching.labels if matching.on else (*matching.labels, METRIC_NAME)
    many_groups, one_groups, count = match_rows(many.table, one.table, names, on=matching.on)
    _check_one_side(node, many, one, one_groups, count)
    rows_many, rows_one = pairs(many_groups, one_groups, count)
    steps = left.steps
    ctx.afford_cells(len(rows_many) * steps)
    groups = many_groups[rows_many]

    def work(start: int, stop: int) -> tuple[_Met, Matrix]:
        these, those = rows_many[start:stop], rows_one[start:stop]
        return _joined(ctx, node, _Part(many.take(these), one.take(those), groups[start:stop]), swapped)

    # A first part in any case, for its labels.
    joined = list(ctx.in_batches(len(rows_many), max(1, steps), work)) or [work(0, 0)]
    if fill_one is not None:
        part = _filled_one(node, many, many_groups, one, one_groups, count, fill_one)
        joined.append(_joined(ctx, node, part, swapped))
    if fill_many is not None:
        part = _filled_many(node, [met for met, _ in joined], one, one_groups, count, fill_many)
        joined.append(_joined(ctx, node, part, swapped))
    result = concat([matrix for _, matrix in joined])
    met = [part for part, _ in joined]
    del joined
    if matching.card is Card.ONE_TO_ONE:
        _check_many_side(met, count)
    else:
        _check_grouping(met, result.table)
    return _unique(ctx, node, result)


class _Part:
    """Pairs of rows: `many[i]` meets `one[i]`, both of match group `groups[i]`."""

    __slots__ = ("groups", "many", "one")

    def __init__(self, many: Matrix, one: Matrix, groups: Rows) -> None:
        self.many, self.one, self.groups = many, one, groups


class _Met:
    """Of a part, what is left to check: at which steps each pair of rows meets, and in which match group.

    Pairs that a comparison drops meet; those that the operator can't combine do not.
    """

    __slots__ = ("groups", "present")

    def __init__(self, groups: Rows, present: Bools) -> None:
        self.groups, self.present = groups, present


def _joined(ctx: Context, node: VectorBinary, part: _Part, swapped: bool) -> tuple[_Met, Matrix]:
    left, right = (part.one, part.many) if swapped else (part.many, part.one)
    met = _Met(part.groups, combinable(node.op, left, right))
    return met, _combine(ctx, node, part, swapped)


def _per_group(present: Bools, groups: Rows, count: int) -> Float64s:
    """How many rows of each group are present at each step."""
    counts = np.zeros((count, present.shape[1]))
    group_reduce.add_count(np.ascontiguousarray(present).view(np.uint8), groups, counts)
    return counts


def _check_one_side(node: VectorBinary, many: Matrix, one: Matrix, groups: Rows, count: int) -> None:
    """At no step that has anything to join may two series of the "one" side fall into the same match group."""
    if len(groups) < 2 or np.bincount(groups, minlength=1).max() < 2:
        return
    matching = node.matching
    twice = _per_group(one.present, groups, count) > 1
    if matching.fill_left is None and matching.fill_right is None:
        twice &= many.present.any(axis=0)
    if not twice.any():
        return
    group, step = (int(x[0]) for x in np.nonzero(twice))
    rows = np.flatnonzero((groups == group) & one.present[:, step])[:2].tolist()
    first, second = sorted((one.table.labels(row) for row in rows), key=lambda labels: labels.pairs)
    key = match_labels(matching, one.table.take(np.array(rows[:1], dtype=np.int64))).labels(0)
    side = "left" if matching.card is Card.ONE_TO_MANY else "right"
    raise ExecutionError(
        f"found duplicate series for the match group {full_text(key)} on the {side} hand-side of the operation: "
        f"[{full_text(first)}, {full_text(second)}]"
        ";many-to-many matching not allowed: matching labels must be unique on one side"
    )


def match_labels(matching: Matching, table: LabelTable) -> LabelTable:
    """The labels that take part in a match."""
    return table.keep(matching.labels) if matching.on else table.drop((*matching.labels, METRIC_NAME))


def _filled_one(
    node: VectorBinary,
    many: Matrix,
    many_groups: Rows,
    one: Matrix,
    one_groups: Rows,
    count: int,
    fill: float,
) -> _Part:
    """Rows of the many side where their group has nothing on the other side, which then has the group's labels."""
    there = _per_group(one.present, one_groups, count) > 0
    lonely = many.present & ~there[many_groups]
    partner = Matrix(match_labels(node.matching, many.table), np.full(many.values.shape, fill), lonely)
    return _Part(many.masked(lonely), partner, many_groups)


def _filled_many(
    node: VectorBinary, met: list[_Met], one: Matrix, one_groups: Rows, count: int, fill: float
) -> _Part:
    """Rows of the one side at the steps where nothing of the other side met them, under the group's labels."""
    present, groups = (
        np.concatenate([part.present for part in met]),
        np.concatenate([part.groups for part in met]),
    )
    there = _per_group(present, groups, count) > 0
    lonely = one.present & ~there[one_groups]
    partner = Matrix(match_labels(node.matching, one.table), np.full(one.values.shape, fill), lonely)
    return _Part(partner, one.masked(lonely), one_groups)


def _combine(ctx: Context, node: VectorBinary, part: _Part, swapped: bool) -> Matrix:
    left, right = (part.one, part.many) if swapped else (part.many, part.one)
    both = left.present & right.present
    floats = left.floats_present() & right.floats_present()
    values, present = left.values, floats
    if node.op in COMPARE:
        hit = compare(node.op, left.values, right.values)
        if node.bool_modifier:
            values = hit.astype(np.float64)
        else:
            present = floats & hit
    elif node.op in ARITHMETIC:
        values = arithmetic(node.op, left.values, right.values)
    else:
        present = np.zeros_like(floats)
    table = result_labels(ctx, node, part.many.table, part.one.table)
    # As in the original, what an operand still had to lose is forgotten: a filter keeps the name that it finds.
    result = Matrix(table, values, present)
    if node.op in TRIMS or left.histograms is not None or right.histograms is not None:
        result = histogram_cells(ctx, node, left, right, result, both)
    return result


def result_labels(ctx: Context, node: VectorBinary, many: LabelTable, one: LabelTable) -> LabelTable:
    matching: Matching = node.matching
    table = many
    if changes_meaning(node.op):
        table = table.drop(ctx.metadata_labels)
    if matching.card is Card.ONE_TO_ONE:
        table = table.keep(matching.labels) if matching.on else table.drop(matching.labels)
    for label in matching.include:
        table = table.with_column(label, one.column(label))
    # A truth value has no name, not even one that was brought.
    return table.drop(ctx.metadata_labels) if node.bool_modifier and not ctx.delayed_names else table


def _check_many_side(parts: list[_Met], count: int) -> None:
    """Without `group_*` only one pair a match group and step."""
    groups = np.concatenate([part.groups for part in parts])
    if len(groups) < 2 or np.bincount(groups, minlength=1).max() < 2:
        return
    met = np.concatenate([part.present for part in parts])
    if (_per_group(met, groups, count) > 1).any():
        raise ExecutionError(MANY_TO_ONE)


def _check_grouping(parts: list[_Met], table: LabelTable) -> None:
    """With `group_*` no two pairs of a match group and step may get the same labels (`table`), kept or not."""
    _, firsts = table.group()
    if len(firsts) == table.rows:
        return
    groups = np.concatenate([part.groups for part in parts])
    by_group = table.with_column("", groups.astype(np.int32))
    of_row, firsts = by_group.group()
    met = np.concatenate([part.present for part in parts])
    if (_per_group(met, of_row, len(firsts)) > 1).any():
        raise ExecutionError(NOT_UNIQUE)


def _unique(ctx: Context, node: VectorBinary, matrix: Matrix) -> Matrix:
    if node.bool_modifier and ctx.delayed_names:
        matrix = replace(matrix, unnamed=np.ones(matrix.rows, dtype=np.bool_))
    matrix = matrix.compact()
    return merge_equal(matrix, matrix.table)
