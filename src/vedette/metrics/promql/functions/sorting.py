"""sort, sort_desc, sort_by_label, sort_by_label_desc. Range answers are ordered by labels whatever these say."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.instants import instant
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import sort_order

_CHUNK = re.compile(r"(\d+)")


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Digits compare as numbers: ``a2`` before ``a10``."""
    return [
        (0, int(part), part) if part.isdigit() else (1, 0, part) for part in _CHUNK.split(text) if part != ""
    ]


@instant("sort", "sort_desc")
def sort(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix: Matrix = args[0]
    if not ctx.instant:
        ctx.annotations.warn(notes.ineffective_sort(), node.pos)
        return matrix.masked(matrix.floats_present()).compact()
    floats = matrix.floats_present()
    rows = np.flatnonzero(floats[:, 0])
    values = matrix.values[rows, 0]
    key = -values if node.function == "sort_desc" else values
    return matrix.masked(floats).take(rows[np.lexsort((key, np.isnan(values)))])


@instant("sort_by_label", "sort_by_label_desc")
def sort_by_label(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix: Matrix = args[0]
    names = args[1:]
    if not ctx.instant:
        ctx.annotations.warn(notes.ineffective_sort(), node.pos)
        return matrix
    order = sort_order(matrix.table).tolist()
    keys = [[natural_key(matrix.table.value(row, name)) for name in names] for row in range(matrix.rows)]
    order.sort(key=keys.__getitem__)
    if node.function == "sort_by_label_desc":
        order.reverse()
    return matrix.take(np.array(order, dtype=np.int64))
