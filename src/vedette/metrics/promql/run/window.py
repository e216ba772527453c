"""Functions of range vectors: batches of series through a window kernel."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np

from vedette.algebra.matrix import Matrix, is_object
from vedette.algebra.table import LabelTable
from vedette.kernels import window_extended, window_select
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.counters import KINDS
from vedette.metrics.promql.functions.extended_histograms import growth
from vedette.metrics.promql.functions.ranges import (
    RANGE_FUNCTIONS,
    Float64s,
    MixedWindow,
    RangeFunction,
    Windows,
)
from vedette.metrics.promql.functions.starts import overlapping_rows
from vedette.metrics.promql.plan.nodes import RangeSelect, SubquerySelect, Window
from vedette.metrics.promql.run.context import TYPE_AND_UNIT_LABELS, Context, Steps, metric_names
from vedette.metrics.promql.run.scalars import scalar
from vedette.metrics.promql.run.select import Stream, floats_only, read, without_stale
from vedette.metrics.promql.run.tally import counted_apart
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
        _mixed_rows(ctx, node, function, batch, windows, matrix)
    if function.counter:
        _note_non_counters(ctx, node, matrix)
    return matrix


def _mixed_rows(
    ctx: Context, node: Window, function: RangeFunction, batch: SampleBatch, windows: Windows, matrix: Matrix
) -> None:
    assert batch.histograms is not None
    histograms = np.full(matrix.values.shape, None, dtype=object)
    names = metric_names(matrix.table)
    times = batch.timestamps.tolist()
    values = batch.values.tolist()
    known = [] if batch.starts is None else batch.starts.tolist()
    any_histogram = False
    for row in ctx.stop.watched(range(matrix.rows), 1):
        begin, stop = int(batch.offsets[row]), int(batch.offsets[row + 1])
        if all(h is None for h in batch.histograms[begin:stop]):
            continue
        low = high = begin
        for i in range(windows.count):
            end = windows.first + i * windows.step
            start = end - windows.span
            while high < stop and times[high] <= end:
                high += 1
            while low < high and times[low] <= start:
                low += 1
            inside = range(low, high)
            found = [(times[k], batch.histograms[k]) for k in inside if batch.histograms[k] is not None]
            if not found:
                continue
            floats = [(times[k], values[k]) for k in inside if batch.histograms[k] is None]
            params = windows.params[i]
            starts = {times[k]: known[k] for k in inside if known[k]} if known else {}
            window = MixedWindow(floats, found, start, end, params, names[row], ctx, node.arg_pos, starts)
            got = function.mixed(window)
            matrix.present[row, i] = got is not None
            if isinstance(got, float):
                matrix.values[row, i] = got
            elif got is not None:
                histograms[row, i] = got
                any_histogram = True
    if any_histogram:
        matrix.histograms = histograms


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
        _extended_rows(ctx, node, source, batch, windows, matrix)
    if RANGE_FUNCTIONS[node.function].counter:
        _note_non_counters(ctx, node, matrix)
    return matrix


def _extended_rows(
    ctx: Context, node: Window, source: RangeSelect, batch: SampleBatch, windows: Windows, matrix: Matrix
) -> None:
    """The windows that hold histograms, one at a time."""
    assert batch.histograms is not None
    smoothed = source.extension is Extension.SMOOTHED
    counts_turns = node.function in ("changes", "resets")
    cells = np.full(matrix.values.shape, None, dtype=object)
    names = metric_names(matrix.table)
    times = batch.timestamps.tolist()
    for row in ctx.stop.watched(range(matrix.rows), 1):
        begin, stop = int(batch.offsets[row]), int(batch.offsets[row + 1])
        if all(h is None for h in batch.histograms[begin:stop]):
            continue
        for i in range(windows.count):
            end = windows.first + i * windows.step
            start = end - windows.span
            low = bisect_right(times, start - ctx.lookback, begin, stop)
            high = bisect_right(times, end + ctx.lookback if smoothed else end, begin, stop)
            found = [
                (times[k], batch.histograms[k]) for k in range(low, high) if batch.histograms[k] is not None
            ]
            if not found:
                continue
            floats = [
                (times[k], float(batch.values[k])) for k in range(low, high) if batch.histograms[k] is None
            ]
            matrix.present[row, i] = False
            if counts_turns:
                _extended_turns(ctx, node, (row, i), (floats, found), (start, end), matrix, names[row])
                continue
            if floats:
                ctx.annotations.warn(notes.mixed_floats_histograms(names[row]), node.arg_pos)
                continue
            got = growth(
                ctx,
                found,
                start,
                end,
                smoothed=smoothed,
                counter=node.function != "delta",
                metric=names[row],
                pos=node.arg_pos,
            )
            if got is not None:
                matrix.present[row, i] = True
                cells[row, i] = got.div(windows.span / 1000.0) if node.function == "rate" else got
    if is_object(cells).any():
        matrix.histograms = cells


def _extended_turns(
    ctx: Context,
    node: Window,
    cell: tuple[int, int],
    samples: tuple[list[tuple[int, float]], list[tuple[int, Any]]],
    bounds: tuple[int, int],
    matrix: Matrix,
    metric: str,
) -> None:
    """Changes or resets from the newest sample at or before the window's start."""
    floats, found = samples
    start, end = bounds
    before = [t for t, _ in (*floats, *found) if t <= start]
    if len(before) == len(floats) + len(found):
        return
    base = max(before, default=start)
    window = MixedWindow(
        [s for s in floats if s[0] >= base],
        [s for s in found if s[0] >= base],
        start,
        end,
        np.zeros(0),
        metric,
        ctx,
        node.arg_pos,
    )
    matrix.values[cell] = RANGE_FUNCTIONS[node.function].mixed(window)
    matrix.present[cell] = True


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
    ctx.afford_cells(grid.count)
    if grid.count == 0:
        matrix = Matrix.empty(LabelTable(ctx.symbols, {}, 0), 0)
    else:
        matrix = vector(ctx, source.expr, grid)
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
    histograms = None if matrix.histograms is None else list(matrix.histograms[matrix.present])
    return SampleBatch(offsets, timestamps, values, histograms), matrix


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
