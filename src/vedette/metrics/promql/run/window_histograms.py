"""Windows that hold histograms: whole series as columns where that can be done, else one window at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix, is_object
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.extended_histograms import growth
from vedette.metrics.promql.functions.histogram_rows import ROW_FUNCTIONS, Row
from vedette.metrics.promql.functions.ranges import RANGE_FUNCTIONS, MixedWindow, RangeFunction, Windows
from vedette.metrics.promql.plan.nodes import RangeSelect, Window
from vedette.metrics.promql.run.context import Context, metric_names
from vedette.metrics.promql.syntax.nodes import Extension


def mixed_rows(
    ctx: Context, node: Window, function: RangeFunction, batch: SampleBatch, windows: Windows, matrix: Matrix
) -> None:
    """Rewrites the cells of `matrix` whose window holds a histogram."""
    assert batch.histograms is not None
    histograms = np.full(matrix.values.shape, None, dtype=object)
    names = metric_names(matrix.table)
    times = batch.timestamps.tolist()
    values = batch.values.tolist()
    known = [] if batch.starts is None else batch.starts.tolist()
    any_histogram = False
    # As the original: what is said of the first argument's place, which for this one is the quantile's.
    place = node.params[0].pos if node.function == "quantile_over_time" else node.arg_pos
    for row in ctx.stop.watched(range(matrix.rows), 1):
        begin, stop = int(batch.offsets[row]), int(batch.offsets[row + 1])
        kinds = [h is None for h in batch.histograms[begin:stop]]
        if all(kinds):
            continue
        whole = ROW_FUNCTIONS.get(node.function)
        if whole is not None and not any(kinds) and not any(known[begin:stop]):
            answer = whole(_row(ctx, node, batch, windows, slice(begin, stop), names[row]))
            if answer is not None:
                any_histogram |= _fill(matrix, histograms, row, *answer)
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
            window = MixedWindow(floats, found, start, end, params, names[row], ctx, place, starts)
            got = function.mixed(window)
            matrix.present[row, i] = got is not None
            if isinstance(got, float):
                matrix.values[row, i] = got
            elif got is not None:
                histograms[row, i] = got
                any_histogram = True
    if any_histogram:
        matrix.histograms = histograms


def _row(ctx: Context, node: Window, batch: SampleBatch, windows: Windows, inside: slice, name: str) -> Row:
    assert batch.histograms is not None
    times = np.ascontiguousarray(batch.timestamps[inside])
    ends = np.int64(windows.first) + np.arange(windows.count) * np.int64(windows.step)
    return Row(
        times,
        batch.histograms[inside],
        np.searchsorted(times, ends - windows.span, side="right"),
        np.searchsorted(times, ends, side="right"),
        windows,
        name,
        lambda text: ctx.annotations.warn(text, node.arg_pos),
    )


def _fill(
    matrix: Matrix,
    histograms: npt.NDArray[np.object_],
    row: int,
    there: npt.NDArray[np.bool_],
    results: Sequence[Any],
) -> bool:
    """Puts the results of one series where they belong; whether they are histograms."""
    matrix.present[row] = there
    steps = np.flatnonzero(there)
    if len(steps) and isinstance(results[0], float):
        matrix.values[row, steps] = results
        return False
    for step, histogram in zip(steps.tolist(), results, strict=True):
        histograms[row, step] = histogram
    return bool(len(steps))


def extended_rows(
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
