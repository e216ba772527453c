"""sort, sort_desc, sort_by_label, sort_by_label_desc. With more than one step there is no order, and that is said."""

from __future__ import annotations

import re
from functools import cmp_to_key
from typing import Any

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.instants import instant
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import sort_order

_CHUNK = re.compile(r"[0-9]+|[^0-9]+")
_GREATEST = 2**63 - 1


def natural_order(left: str, right: str) -> int:
    """-1, 0 or 1. Digits on both sides compare as numbers (``a2`` before ``a10``), everything else as text."""
    for a, b in zip(_CHUNK.findall(left), _CHUNK.findall(right), strict=False):
        if a[0] in "0123456789" and b[0] in "0123456789" and max(int(a), int(b)) <= _GREATEST:
            if int(a) != int(b):
                return -1 if int(a) < int(b) else 1
        elif a != b:
            return -1 if a < b else 1
    return (len(left) > len(right)) - (len(left) < len(right))


@instant("sort", "sort_desc")
def sort(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix: Matrix = args[0]
    if steps.count > 1:
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
    if steps.count > 1:
        ctx.annotations.warn(notes.ineffective_sort(), node.pos)
        return matrix
    order = sort_order(matrix.table).tolist()
    # The last label first: each later pass keeps the order of rows that it finds equal.
    for name in reversed(names):
        values = [cmp_to_key(natural_order)(matrix.table.value(row, name)) for row in range(matrix.rows)]
        order.sort(key=values.__getitem__)
    if node.function == "sort_by_label_desc":
        order.reverse()
    return matrix.take(np.array(order, dtype=np.int64))
