"""Sum and mean of native histograms, with compensation for what rounding takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vedette.kernels import group_reduce
from vedette.metrics.promql.histogram.columns import Float64s, layout_of, pack, unpack
from vedette.model.histogram import Combined, FloatHistogram, Hint, common_layout


def combined_hint(hints: set[Hint]) -> Hint:
    """What is known of a sum about counter resets: what all agree on, and a gauge as soon as one is."""
    if len(hints) == 1:
        return next(iter(hints))
    return Hint.GAUGE if Hint.GAUGE in hints else Hint.UNKNOWN


def conflicting(hints: set[Hint]) -> bool:
    return Hint.RESET in hints and Hint.NOT_RESET in hints


def sum_histograms(histograms: Sequence[FloatHistogram], *, average: bool = False) -> Combined:
    """The sum (or mean) of all, one after another. Raises `IncompatibleSchema`."""
    if len(histograms) == 1:
        return Combined(histograms[0])
    hints = {h.hint for h in histograms}
    hint = combined_hint(hints)
    reconciled = False
    layout = layout_of(histograms)
    if layout is None:
        histograms, reconciled = _alike(histograms)
        layout = layout_of(histograms)
    if layout is None:
        total = _one_by_one(histograms)
        total = (total.div(len(histograms)) if average else total).with_hint(hint)
    else:
        groups = np.zeros(len(histograms), dtype=np.int64)
        rows = reduce_rows(pack(layout, histograms), groups, 1, average=average)
        (total,) = unpack(layout, rows, [hint])
    return Combined(total, conflicting(hints), reconciled)


def _alike(histograms: Sequence[FloatHistogram]) -> tuple[list[FloatHistogram], bool]:
    """All in the layout that adding them one after another ends with, and whether custom bounds were reduced."""
    total, reconciled = histograms[0], False
    for histogram in histograms[1:]:
        combined = total.add(histogram)
        total, reconciled = combined.histogram, reconciled or combined.reconciled
    return [common_layout(h, total)[0] for h in histograms], reconciled


def _one_by_one(histograms: Sequence[FloatHistogram]) -> FloatHistogram:
    total = histograms[0]
    for histogram in histograms[1:]:
        total = total.add(histogram).histogram
    return total


def reduce_rows(rows: Float64s, groups: npt.NDArray[np.int64], count: int, *, average: bool) -> Float64s:
    """Packed histograms by group, [groups, columns]: compensated sums, or means that do not overflow."""
    shape = (count, rows.shape[1])
    totals, lost, counts = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    present = np.ones(rows.shape, dtype=np.uint8)
    with np.errstate(all="ignore"):
        if not average:
            group_reduce.add_sum(rows, present, groups, totals, lost, counts)
            return totals + lost
        running = np.zeros(shape, dtype=np.uint8)
        group_reduce.add_avg(rows, present, groups, totals, lost, counts, running)
        return np.where(running, totals + lost, totals / counts + lost / counts)
