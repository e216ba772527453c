"""Aggregations that fold rows into groups one batch at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from vedette.algebra.groups import Groups
from vedette.algebra.matrix import Matrix
from vedette.kernels import group_reduce
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.plan.nodes import Aggregate
from vedette.metrics.promql.run.aggregate_histograms import HistogramTotals
from vedette.metrics.promql.run.context import Context

Float64s = npt.NDArray[np.float64]
Uint8s = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]


class Accumulator(ABC):
    """The state of one aggregation, [groups, steps]; `add` takes batches of rows, `finish` gives the answer."""

    def __init__(self, ctx: Context, node: Aggregate, groups: Groups, steps: int) -> None:
        self.ctx = ctx
        self.node = node
        self.groups = groups
        self.shape = (groups.count, steps)
        self.counts = np.zeros(self.shape)
        ctx.hold(groups.count * steps)
        self.prepare()

    def prepare(self) -> None:
        """Makes what an aggregation needs besides `counts`."""
        return

    def zeros(self) -> Float64s:
        return np.zeros(self.shape)

    def add(self, batch: Matrix, of_row: Int64s) -> None:
        if batch.histograms is not None:
            batch = self.histograms(batch, of_row)
        self.floats(batch.values, np.ascontiguousarray(batch.present).view(np.uint8), of_row)

    @abstractmethod
    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        """Adds the floats of a batch, and counts them in `counts`."""

    def histograms(self, batch: Matrix, of_row: Int64s) -> Matrix:
        """Deals with the histograms of a batch and returns it without them. By default they are left out."""
        if batch.histograms_present().any():
            self.ctx.annotations.info(notes.ignored_in_aggregation(self.node.op), self.node.expr_pos)
        return Matrix(batch.table, batch.values, batch.floats_present())

    @abstractmethod
    def values(self) -> Float64s:
        """[groups, steps]: the answer where anything was counted."""

    def finish(self) -> Matrix:
        return Matrix(self.groups.table, self.values(), self.counts > 0)


class Count(Accumulator):
    def histograms(self, batch: Matrix, of_row: Int64s) -> Matrix:
        return batch

    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        group_reduce.add_count(present, of_row, self.counts)

    def values(self) -> Float64s:
        return self.counts


class Group(Count):
    def values(self) -> Float64s:
        return np.ones(self.shape)


class Extreme(Accumulator):
    def prepare(self) -> None:
        self.best = self.zeros()

    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        greatest = self.node.op == "max"
        group_reduce.add_extreme(values, present, of_row, greatest, self.best, self.counts)

    def values(self) -> Float64s:
        return self.best


class Variance(Accumulator):
    def prepare(self) -> None:
        self.state = (self.zeros(), self.zeros(), self.zeros(), self.zeros())

    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        group_reduce.add_variance(values, present, of_row, *self.state, self.counts)

    def values(self) -> Float64s:
        with np.errstate(all="ignore"):
            variance: Float64s = (self.state[2] + self.state[3]) / self.counts
            return np.sqrt(variance) if self.node.op == "stddev" else variance


class Sum(Accumulator):
    """Sums floats with compensation, and histograms beside them; a group with both is left out, with a warning."""

    def prepare(self) -> None:
        self.totals, self.lost = self.zeros(), self.zeros()
        self.histogram_totals = HistogramTotals(self.ctx, self.node)

    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        group_reduce.add_sum(values, present, of_row, self.totals, self.lost, self.counts)

    def histograms(self, batch: Matrix, of_row: Int64s) -> Matrix:
        self.histogram_totals.add(batch, of_row)
        return Matrix(batch.table, batch.values, batch.floats_present())

    def values(self) -> Float64s:
        with np.errstate(all="ignore"):
            return self.totals + self.lost

    def finish(self) -> Matrix:
        matrix = super().finish()
        self.histogram_totals.finish(matrix)
        return matrix


class Average(Sum):
    def prepare(self) -> None:
        super().prepare()
        self.running = np.zeros(self.shape, dtype=np.uint8)

    def floats(self, values: Float64s, present: Uint8s, of_row: Int64s) -> None:
        group_reduce.add_avg(values, present, of_row, self.totals, self.lost, self.counts, self.running)

    def values(self) -> Float64s:
        with np.errstate(all="ignore"):
            mean = self.totals / self.counts + self.lost / self.counts
            return np.where(self.running, self.totals + self.lost, mean)


ACCUMULATORS: dict[str, type[Accumulator]] = {
    "sum": Sum,
    "avg": Average,
    "count": Count,
    "group": Group,
    "min": Extreme,
    "max": Extreme,
    "stddev": Variance,
    "stdvar": Variance,
}


def grouping_of(ctx: Context, node: Aggregate) -> tuple[tuple[str, ...], bool]:
    """The labels that tell groups apart, and whether they are the ones left out."""
    if not node.without:
        return node.grouping, False
    return (*node.grouping, *ctx.metadata_labels), True
