"""`count_values`: how many series of a group have each value; the value becomes a label.

Every cell may have a value of its own, so the distinct ones are found block by block: the query can end on the way, and
is refused as soon as there are more of them than may be held.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from vedette.algebra.distinct import distinct
from vedette.algebra.groups import group_by
from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.plan.nodes import Aggregate, Text
from vedette.metrics.promql.run.context import Context
from vedette.metrics.promql.run.names import merge_equal
from vedette.metrics.promql.syntax.printer import format_number

Float64s = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


def count_values(
    ctx: Context, node: Aggregate, matrix: Matrix, names: tuple[str, ...], without: bool
) -> Matrix:
    assert isinstance(node.param, Text)
    label = node.param.value
    # The value takes the place of a label of that name, and is left out like it by `without`.
    told = not (without and label in names)
    table = matrix.table.drop((label,))
    groups = group_by(table, [n for n in names if n != label], without=without)
    width = max(1, ctx.batching.cells // max(1, matrix.rows))
    blocks = [
        _Block(matrix, slice(at, min(at + width, matrix.steps))) for at in range(0, matrix.steps, width)
    ]
    known = _distinct(ctx, (block.bits() for block in blocks), matrix.steps)
    # As the original: never with an exponent.
    texts = (format_number(value) for value in ctx.stop.watched(known.view(np.float64).tolist()))
    ids = ctx.symbols.intern_all(texts) if len(known) else np.zeros(0, dtype=np.int32)
    codes = [
        (groups.of_row[block.rows] << 32) + (block.ids(ctx, known, ids) if told else 0)
        for block in ctx.stop.watched(blocks, 1)
    ]
    pairs = _distinct(ctx, (distinct(part) for part in codes), matrix.steps)
    counts = np.zeros((len(pairs), matrix.steps))
    for block, part in ctx.stop.watched(zip(blocks, codes, strict=True), 1):
        block.count(ctx, np.searchsorted(pairs, part), counts)
    result = groups.table.take(pairs >> 32)
    if told:
        result = result.with_column(label, (pairs & 0xFFFFFFFF).astype(np.int32))
    return merge_equal(Matrix(result, counts, counts > 0), result)


class _Block:
    """The cells of a few steps."""

    __slots__ = ("_cells", "_columns", "_values", "rows", "steps")

    def __init__(self, matrix: Matrix, steps: slice) -> None:
        self.steps = steps
        self.rows, self._columns = np.nonzero(matrix.present[:, steps])
        # By their bits: a negative zero has a text of its own.
        self._values = matrix.values[:, steps][self.rows, self._columns].view(np.int64)
        found = matrix.histograms
        self._cells = None if found is None else found[:, steps][self.rows, self._columns].tolist()

    def _floats(self) -> npt.NDArray[np.bool_] | slice:
        if self._cells is None:
            return slice(None)
        return np.fromiter((cell is None for cell in self._cells), np.bool_, len(self._cells))

    def bits(self) -> Int64s:
        """The distinct floats, as integers."""
        return distinct(self._values[self._floats()])

    def ids(self, ctx: Context, known: Int64s, ids: Int32s) -> Int32s:
        """The interned text of every cell; `ids` are those of the floats in `known`."""
        out = np.zeros(len(self.rows), dtype=np.int32)
        floats = self._floats()
        if len(known):
            out[floats] = ids[np.searchsorted(known, self._values[floats])]
        for i, cell in ctx.stop.watched(enumerate(self._cells or ())):
            if cell is not None:
                out[i] = ctx.symbols.intern(str(cell))
        return out

    def count(self, ctx: Context, index: Int64s, counts: Float64s) -> None:
        """Enters into `counts` ([pairs, steps]) how often each index stands at each step."""
        for step in ctx.stop.watched(range(self.steps.start, self.steps.stop), 1):
            here = self._columns == step - self.steps.start
            counts[:, step] = np.bincount(index[here], minlength=len(counts))


def _distinct(ctx: Context, parts: Iterable[Int64s], steps: int) -> Int64s:
    """All numbers of `parts`, which are ascending each, once. Raises `TooManySamples` when a series for each, of so
    many steps, can't be held."""
    known = np.zeros(0, dtype=np.int64)
    for part in ctx.stop.watched(parts, 1):
        if len(known):
            at = np.searchsorted(known, part)
            part = part[known[np.minimum(at, len(known) - 1)] != part]
        # Two ascending runs: a stable sort merges them.
        known = np.sort(np.concatenate([known, part]), kind="stable")
        ctx.afford_cells(len(known) * steps)
    return known
