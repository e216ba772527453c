"""Reading samples: the newest one at each step, and the columns that windows run over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix, concat, is_object
from vedette.algebra.table import LabelTable
from vedette.kernels import window_extended, window_select
from vedette.metrics.contract import SampleBatch, Selection
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.extended_histograms import between
from vedette.metrics.promql.plan.nodes import Select
from vedette.metrics.promql.run.context import USE_START_TIMESTAMPS, Context, Steps, metric_names
from vedette.metrics.promql.run.hints import resets_found
from vedette.model.histogram import IncompatibleSchema
from vedette.model.stale import stale_mask

Int64s = npt.NDArray[np.int64]
NO_INDEX = np.zeros((0, 0), dtype=np.int64)


class Read(Enum):
    """What of the newest sample is asked for."""

    VALUE = "value"
    TIME = "time"  # in seconds
    INFO = "info"  # as `TIME`, and histograms stay visible
    START = "start"  # when the counter began, in seconds; 0 where unknown


@dataclass(slots=True)
class Stream:
    """The rows of a matrix that come in batches; `parts` is used up by iterating. Batches keep the order of `table`."""

    table: LabelTable
    parts: Iterator[Matrix]


def without_stale(batch: SampleBatch) -> SampleBatch:
    """The batch without stale markers; the very same one when it has none."""
    values = np.ascontiguousarray(batch.values)
    if not window_select.count_stale(values):
        return batch
    stale = stale_mask(values)
    if batch.histograms is not None:
        floats = np.fromiter((h is None for h in batch.histograms), dtype=np.bool_, count=len(values))
        stale &= floats
    return filtered(batch, ~stale)


def filtered(batch: SampleBatch, keep: npt.NDArray[np.bool_]) -> SampleBatch:
    """Only the samples that `keep` marks."""
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(keep, dtype=np.int64)])
    histograms = None
    if batch.histograms is not None:
        histograms = [batch.histograms[i] for i in np.flatnonzero(keep).tolist()]
    starts = None if batch.starts is None else batch.starts[keep]
    return SampleBatch(before[batch.offsets], batch.timestamps[keep], batch.values[keep], histograms, starts)


def floats_only(batch: SampleBatch) -> SampleBatch:
    """The batch without its histograms."""
    if batch.histograms is None:
        return batch
    kept = filtered(batch, np.fromiter((h is None for h in batch.histograms), np.bool_, len(batch.values)))
    return SampleBatch(kept.offsets, kept.timestamps, kept.values, None, kept.starts)


def read(
    ctx: Context, selection: Selection, start: int, stop: int, mint: int, maxt: int, span: int = 0
) -> SampleBatch:
    """Samples of rows ``start:stop``. `span`: how much of the time a window over them sees at once, which is what counts
    as held."""
    batch = selection.read(start, stop, mint, maxt)
    if batch.starts is not None and USE_START_TIMESTAMPS not in ctx.features:
        batch = replace(batch, starts=None)
    if ctx.without_buckets:
        batch = resets_found(batch)
    ctx.samples += len(batch.timestamps)
    ctx.afford(len(batch.timestamps) * span // max(maxt - mint + 1, span, 1))
    return batch


def select_stream(ctx: Context, node: Select, steps: Steps, what: Read = Read.VALUE) -> Stream:
    """The newest sample of every series at every step."""
    steps = steps.pinned(node.at)
    first = steps.start - node.offset
    last = first + steps.step * (steps.count - 1)
    mint, maxt = first - ctx.lookback + 1, last + (ctx.lookback if node.smoothed else 0)
    selection, table = ctx.select(node.matchers, mint, maxt)
    tally = ctx.tally

    def work(start: int, stop: int) -> Matrix:
        batch = read(ctx, selection, start, stop, mint, maxt)
        part = _instant(ctx, node, batch, table.take(slice(start, stop)), first, steps, what)
        if tally is not None:
            tally.cells(part)
        return part

    return Stream(table, ctx.in_batches(table.rows, steps.row_cells(mint, maxt), work))


def _instant(
    ctx: Context,
    node: Select,
    batch: SampleBatch,
    table: LabelTable,
    first: int,
    steps: Steps,
    what: Read,
) -> Matrix:
    rows = table.rows
    values = np.empty((rows, steps.count))
    present = np.empty((rows, steps.count), dtype=np.uint8)
    if node.smoothed:
        batch, whole = floats_only(without_stale(batch)), without_stale(batch)
        window_extended.instant(
            batch.offsets, batch.timestamps, batch.values, first, steps.step, ctx.lookback, values, present
        )
        matrix = Matrix(table, values, present.view(np.bool_))
        if whole.histograms is not None:
            _smoothed_cells(ctx, node, whole, matrix, first, steps)
        return matrix
    indexed = what is not Read.VALUE or batch.histograms is not None
    index = np.empty((rows, steps.count), dtype=np.int64) if indexed else NO_INDEX
    column = batch.values
    if batch.histograms is not None:
        # Under a histogram the float column is undefined and must not look like a stale marker.
        column = np.where([h is not None for h in batch.histograms], 0.0, column)
    window_select.instant(
        batch.offsets, batch.timestamps, column, first, steps.step, ctx.lookback, values, present, index
    )
    histograms = None
    if batch.histograms is not None:
        padded = np.empty(len(batch.histograms) + 1, dtype=object)
        padded[:-1] = list(batch.histograms)
        histograms = padded[index]
        gone = np.frompyfunc(lambda h: h is not None and h.is_stale, 1, 1)(histograms).astype(np.bool_)
        present[gone] = 0
        histograms[gone] = None
        if not is_object(histograms).any():
            histograms = None
    if what is not Read.VALUE:
        known = batch.starts if what is Read.START else batch.timestamps
        histograms = histograms if what is Read.INFO else None
        values = np.zeros(index.shape) if known is None else np.append(known, 0)[index] / 1000.0
    return Matrix(table, values, present.view(np.bool_), histograms)


def _smoothed_cells(
    ctx: Context, node: Select, batch: SampleBatch, matrix: Matrix, first: int, steps: Steps
) -> None:
    """`selector smoothed` where a histogram stands before or after the step."""
    assert batch.histograms is not None
    cells = np.full(matrix.values.shape, None, dtype=object)
    names = metric_names(matrix.table)
    times = batch.timestamps.tolist()
    for row in ctx.stop.watched(range(matrix.rows), 1):
        begin, stop = int(batch.offsets[row]), int(batch.offsets[row + 1])
        for i in range(steps.count):
            at = first + i * steps.step
            k = bisect_right(times, at, begin, stop)
            if k == begin or times[k - 1] <= at - ctx.lookback:
                continue
            before = batch.histograms[k - 1]
            alone = times[k - 1] == at or k == stop or times[k] > at + ctx.lookback
            after = before if alone else batch.histograms[k]
            if before is None and after is None:
                continue
            matrix.present[row, i] = False
            if before is None or after is None:
                ctx.annotations.warn(notes.mixed_floats_histograms(names[row]), node.pos)
                continue
            try:
                cells[row, i] = before if alone else between((times[k - 1], before), (times[k], after), at)
                matrix.present[row, i] = True
            except IncompatibleSchema:
                ctx.annotations.warn(notes.mixed_exponential_custom(names[row]), node.pos)
    if is_object(cells).any():
        matrix.histograms = cells


def gather(ctx: Context, stream: Stream, steps: Steps) -> Matrix:
    """All rows of a stream as one matrix, without those that are never present."""
    parts: list[Matrix] = []
    for part in stream.parts:
        kept = part.compact()
        ctx.hold_matrix(kept)
        parts.append(kept)
    return join(stream.table, parts, steps)


def join(table: LabelTable, parts: list[Matrix], steps: Steps) -> Matrix:
    if not parts:
        return Matrix.empty(table, steps.count)
    return concat(parts)
