"""Functions of range vectors: batches of series through a window kernel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.kernels import window_extended, window_select
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.counters import KINDS
from vedette.metrics.promql.functions.ranges import (
    RANGE_FUNCTIONS,
    Float64s,
    RangeFunction,
    Windows,
)
from vedette.metrics.promql.functions.starts import overlapping_rows
from vedette.metrics.promql.plan.nodes import RangeSelect, SubquerySelect, Window
from vedette.metrics.promql.run.context import TYPE_AND_UNIT_LABELS, Context, Steps
from vedette.metrics.promql.run.hints import resets_forgotten
from vedette.metrics.promql.run.scalars import scalar
from vedette.metrics.promql.run.select import Stream, floats_only, read, without_stale
from vedette.metrics.promql.run.tally import counted_apart
from vedette.metrics.promql.run.window_histograms import extended_rows, mixed_rows
from vedette.metrics.promql.syntax.nodes import Extension

_COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")


def window_stream(ctx: Context, node: Window, steps: Steps) -> Stream:
    function = RANGE_FUNCTIONS[node.function]
    params = _params(ctx, node, steps)
    if isinstance(node.source, SubquerySelect):
        return _over_subquery(ctx, node, node.source, function, params, steps)
    return _over_samples(ctx, node, node.source, function, params, steps)


def _params(ctx: Context, node: Window, steps: Steps) -> Float64s:
    columns = [scalar(ctx, p, steps) for p in node.params]
    if node.function == "predict_linear":
        columns.append(steps.times().astype(np.float64))
    if not columns:
        return np.zeros((steps.count, 0))
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _over_samples(
    ctx: Context, node: Window, source: RangeSelect, function: RangeFunction, params: Float64s, steps: Steps
) -> Stream:
    steps = steps.pinned(source.at)
    first = steps.start - source.offset
    last = first + steps.step * (steps.count - 1)
    windows = Windows(first, steps.step, steps.count, source.span, params)
    mint, maxt = first - source.span + 1, last
    if source.extension is not Extension.NONE:
        mint -= ctx.lookback
        if source.extension is Extension.SMOOTHED:
            maxt += ctx.lookback
    selection, table = ctx.select(source.matchers, mint, maxt)
    tally = ctx.tally
    # The end of the first window and its length, with what an extended range looks at beside it.
    newest, reach = first + maxt - last, source.span + (maxt - last) + (first - source.span + 1 - mint)

    def work(start: int, stop: int) -> Matrix:
        batch = without_stale(read(ctx, selection, start, stop, mint, maxt, source.span))
        if tally is not None:
            tally.windows(batch, newest, steps.step, reach)
        part = table.take(slice(start, stop))
        if source.extension is not Extension.NONE:
            return _extended(ctx, node, source, batch, windows, part)
        return run_batch(ctx, node, function, batch, windows, part)

    return Stream(table, ctx.in_batches(table.rows, steps.row_cells(mint, maxt), work))


def run_batch(
    ctx: Context,
    node: Window,
    function: RangeFunction,
    batch: SampleBatch,
    windows: Windows,
    table: LabelTable,
) -> Matrix:
    """One batch through the function; series with histograms go one window at a time."""
    if function.check is not None:
        function.check(ctx, node, batch, windows)
    shape = (table.rows, windows.count)
    values = np.empty(shape)
    present = np.empty(shape, dtype=np.uint8)
    floats = floats_only(batch)
    function.kernel(floats, windows, values, present)
    matrix = Matrix(table, values, present.view(np.bool_))
    if function.counter and floats.starts is not None:
        for row in overlapping_rows(floats, windows).tolist():
            name = table.value(row, "__name__")
            ctx.annotations.warn(notes.overlapping_starts(name), node.arg_pos)
    if batch.histograms is not None:
        mixed_rows(ctx, node, function, batch, windows, matrix)
    if function.counter:
        _note_non_counters(ctx, node, matrix)
    return matrix


def _extended(
    ctx: Context, node: Window, source: RangeSelect, batch: SampleBatch, windows: Windows, table: LabelTable
) -> Matrix:
    values = np.empty((table.rows, windows.count))
    present = np.empty((table.rows, windows.count), dtype=np.uint8)
    floats = floats_only(batch)
    window_extended.run(
        KINDS[node.function],
        source.extension is Extension.SMOOTHED,
        floats.offsets,
        floats.timestamps,
        floats.values,
        windows.first,
        windows.step,
        windows.span,
        ctx.lookback,
        values,
        present,
    )
    matrix = Matrix(table, values, present.view(np.bool_))
    if batch.histograms is not None:
        extended_rows(ctx, node, source, batch, windows, matrix)
    if RANGE_FUNCTIONS[node.function].counter:
        _note_non_counters(ctx, node, matrix)
    return matrix


def _note_non_counters(ctx: Context, node: Window, matrix: Matrix) -> None:
    """Says which metrics do not look like counters, when they gave an answer."""
    column = matrix.table.columns.get("__name__")
    if column is None:
        return
    kinds = matrix.table.columns.get("__type__") if TYPE_AND_UNIT_LABELS in ctx.features else None
    if kinds is None and bool((column == column[:1]).all()) and matrix.rows:
        # The common case: one metric, and most likely a counter.
        name = matrix.table.value(0, "__name__")
        if name.endswith(_COUNTER_SUFFIXES):
            return
    floats = matrix.floats_present().any(axis=1)
    if not floats.any():
        return
    strings = matrix.table.symbols.strings
    pairs = zip(column[floats].tolist(), matrix.table.column("__type__")[floats].tolist(), strict=True)
    for name_id, kind_id in dict.fromkeys(pairs):
        name, kind = strings[name_id], strings[kind_id]
        if TYPE_AND_UNIT_LABELS in ctx.features and kind:
            if kind not in ("counter", "histogram"):
                ctx.annotations.info(notes.possible_non_counter_type(name, kind), node.arg_pos)
        elif name and not name.endswith(_COUNTER_SUFFIXES):
            ctx.annotations.info(notes.possible_non_counter(name), node.arg_pos)


def subquery_steps(source: SubquerySelect, steps: Steps) -> Steps:
    """The grid that the inner expression is evaluated on, for all windows of `steps`."""
    steps = steps.pinned(source.at)
    low = steps.start - source.offset - source.span
    high = steps.end - source.offset
    first = (low // source.step + 1) * source.step
    return Steps(first, source.step, max(0, (high - first) // source.step + 1))


def subquery_columns(ctx: Context, source: SubquerySelect, steps: Steps) -> tuple[SampleBatch, Matrix]:
    """What the inner expression gives on its grid, as sample columns."""
    if ctx.trace is not None:
        return ctx.trace.subquery(ctx, source, steps, _subquery_columns)
    return _subquery_columns(ctx, source, steps)


def _subquery_columns(ctx: Context, source: SubquerySelect, steps: Steps) -> tuple[SampleBatch, Matrix]:
    from vedette.metrics.promql.run.operators import vector

    grid = subquery_steps(source, steps)
    ctx.afford_steps(grid.count)
    if grid.count == 0:
        matrix = Matrix.empty(LabelTable(ctx.symbols, {}, 0), 0)
    else:
        matrix = vector(ctx, source.expr, grid)
    return matrix_columns(matrix, grid), matrix


def matrix_columns(matrix: Matrix, grid: Steps) -> SampleBatch:
    """The cells of a matrix as sample columns, one series a row."""
    samples = matrix.samples()
    offsets = np.zeros(matrix.rows + 1, dtype=np.int64)
    timestamps = np.empty(samples, dtype=np.int64)
    values = np.empty(samples)
    window_select.from_matrix(
        np.ascontiguousarray(matrix.values),
        np.ascontiguousarray(matrix.present).view(np.uint8),
        grid.times(),
        offsets,
        timestamps,
        values,
    )
    histograms = None
    if matrix.histograms is not None:
        histograms = resets_forgotten(list(matrix.histograms[matrix.present]))
    return SampleBatch(offsets, timestamps, values, histograms)


def _over_subquery(
    ctx: Context,
    node: Window,
    source: SubquerySelect,
    function: RangeFunction,
    params: Float64s,
    steps: Steps,
) -> Stream:
    held = ctx.held
    with counted_apart(ctx, subquery_steps(source, steps).count):
        batch, matrix = subquery_columns(ctx, source, steps)
    # What the inside still has to lose, last_over_time and first_over_time of it lose, too (the original since 3.11).
    table, unnamed = matrix.table, matrix.unnamed
    # From here on there are the columns only.
    del matrix
    ctx.held = held
    ctx.hold(len(batch.timestamps))
    pinned = steps.pinned(source.at)
    windows = Windows(pinned.start - source.offset, pinned.step, pinned.count, source.span, params)
    if ctx.tally is not None:
        ctx.tally.windows(batch, windows.first, windows.step, windows.span)

    def work(start: int, stop: int) -> Matrix:
        part = run_batch(
            ctx, node, function, _rows_of(batch, start, stop), windows, table.take(slice(start, stop))
        )
        part.unnamed = None if unnamed is None else unnamed[start:stop]
        return part

    def parts() -> Iterator[Matrix]:
        row_cells = max(steps.count, len(batch.timestamps) // max(1, table.rows), 1)
        yield from ctx.in_batches(table.rows, row_cells, work)
        ctx.release(len(batch.timestamps))

    return Stream(table, parts())


def _rows_of(batch: SampleBatch, start: int, stop: int) -> SampleBatch:
    low, high = int(batch.offsets[start]), int(batch.offsets[stop])
    return SampleBatch(
        batch.offsets[start : stop + 1] - low,
        batch.timestamps[low:high],
        batch.values[low:high],
        None if batch.histograms is None else batch.histograms[low:high],
        None if batch.starts is None else batch.starts[low:high],
    )
