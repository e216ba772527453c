"""`and`, `or`, `unless`: which label sets are there, whatever their values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vedette.algebra.groups import match_rows
from vedette.algebra.matrix import Matrix, concat
from vedette.kernels import group_reduce
from vedette.metrics.promql.plan.nodes import SetOperation
from vedette.metrics.promql.run.context import Context
from vedette.metrics.promql.run.names import merge_equal
from vedette.model.labels import METRIC_NAME

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def _anywhere(matrix: Matrix, groups: Rows, count: int) -> Bools:
    """[groups, steps]: whether any row of the group is present."""
    counts = np.zeros((count, matrix.steps))
    group_reduce.add_count(np.ascontiguousarray(matrix.present).view(np.uint8), groups, counts)
    return counts > 0


def set_operation(ctx: Context, node: SetOperation, left: Matrix, right: Matrix) -> Matrix:
    matching = node.matching
    names = matching.labels if matching.on else (*matching.labels, METRIC_NAME)
    left_groups, right_groups, count = match_rows(left.table, right.table, names, on=matching.on)
    if node.op == "or":
        taken = _anywhere(left, left_groups, count)
        rest = right.masked(right.present & ~taken[right_groups]).compact()
        both = concat([left, rest])
        return merge_equal(both, both.table) if left.rows and rest.rows else both
    there = _anywhere(right, right_groups, count)[left_groups]
    return left.masked(left.present & (there if node.op == "and" else ~there)).compact()
