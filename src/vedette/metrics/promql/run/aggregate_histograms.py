"""`sum` and `avg` of native histograms: cells of one layout are added together as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.ranges import RANGE_FUNCTIONS
from vedette.metrics.promql.histogram.columns import Kind, kind_of, layout_of, pack, unpack
from vedette.metrics.promql.histogram.sums import combined_hint, conflicting, reduce_rows, sum_histograms
from vedette.metrics.promql.plan.nodes import Aggregate, Window
from vedette.metrics.promql.run.context import Context, metric_names
from vedette.model.histogram import FloatHistogram, IncompatibleSchema

Cell = tuple[int, int]  # group, step
# Histograms that are written out as columns at a time.
_BATCH = 16_384


class HistogramTotals:
    """The histograms of every group at every step, until `finish` puts their sum or mean into the answer."""

    def __init__(self, ctx: Context, node: Aggregate) -> None:
        self.ctx = ctx
        self.node = node
        self.average = node.op == "avg"
        self.cells: dict[Cell, list[FloatHistogram]] = {}
        self.names: dict[Cell, list[str]] = {}

    def add(self, batch: Matrix, of_row: npt.NDArray[np.int64]) -> None:
        assert batch.histograms is not None
        names = self._names(batch)
        groups = of_row.tolist()
        rows, steps = (axis.tolist() for axis in np.nonzero(batch.histograms_present()))
        for row, step in zip(rows, steps, strict=True):
            cell = groups[row], step
            self.cells.setdefault(cell, []).append(batch.histograms[row, step])
            self.names.setdefault(cell, []).append(names[row])

    def _names(self, batch: Matrix) -> list[str]:
        expr = self.node.expr
        gone = isinstance(expr, Window) and not RANGE_FUNCTIONS[expr.function].keeps_name
        if gone and not self.ctx.delayed_names:
            # A batch that comes straight from the function still has the names that the function takes away.
            return [""] * batch.rows
        return list(metric_names(batch.table))

    def finish(self, matrix: Matrix) -> None:
        """Writes the results into `matrix`, which has the floats. A cell with both is left empty, with a warning."""
        if not self.cells:
            return
        matrix.histograms = np.full(matrix.values.shape, None, dtype=object)
        for cells in self._batches(matrix.present):
            if not self._as_columns(matrix, cells):
                for cell in cells:
                    self._alone(matrix, cell)

    def _batches(self, floats: npt.NDArray[np.bool_]) -> Iterator[list[Cell]]:
        """Cells whose histograms are all of one kind together, the others alone."""
        alike: dict[Kind, list[Cell]] = {}
        sizes: dict[Kind, int] = {}
        for cell, found in self.cells.items():
            if floats[cell]:
                self._warn(notes.mixed_floats_histograms_aggregation())
                floats[cell] = False
                continue
            kind = kind_of(found)
            if kind is None:
                yield [cell]
                continue
            alike.setdefault(kind, []).append(cell)
            sizes[kind] = sizes.get(kind, 0) + len(found)
            if sizes[kind] >= _BATCH:
                yield alike.pop(kind)
                del sizes[kind]
        yield from alike.values()

    def _as_columns(self, matrix: Matrix, cells: list[Cell]) -> bool:
        assert matrix.histograms is not None
        everything = [h for cell in cells for h in self.cells[cell]]
        layout = layout_of(everything)
        if layout is None:
            return False
        groups = np.repeat(np.arange(len(cells)), [len(self.cells[cell]) for cell in cells])
        rows = reduce_rows(pack(layout, everything), groups, len(cells), average=self.average)
        hints = [{h.hint for h in self.cells[cell]} for cell in cells]
        if any(map(conflicting, hints)):
            self._warn(notes.conflicting_resets("aggregation"))
        for cell, total in zip(cells, unpack(layout, rows, list(map(combined_hint, hints))), strict=True):
            matrix.histograms[cell] = total
            matrix.present[cell] = True
        return True

    def _alone(self, matrix: Matrix, cell: Cell) -> None:
        assert matrix.histograms is not None
        found = self.cells[cell]
        try:
            total = sum_histograms(found, average=self.average)
        except IncompatibleSchema:
            other = next(i for i, h in enumerate(found) if h.custom != found[0].custom)
            self._warn(notes.mixed_exponential_custom(self.names[cell][other]))
            return
        if total.conflict:
            self._warn(notes.conflicting_resets("aggregation"))
        if total.reconciled:
            self.ctx.annotations.info(notes.reconciled_buckets("aggregation"), self.node.expr_pos)
        matrix.histograms[cell] = total.histogram.compact()
        matrix.present[cell] = True

    def _warn(self, text: str) -> None:
        self.ctx.annotations.warn(text, self.node.expr_pos)
