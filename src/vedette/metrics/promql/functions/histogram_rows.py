"""Range functions on a series of nothing but histograms of one layout: all its windows at once, as columns.

What these can't do (floats in between, layouts that change, start timestamps, infinite counters that are reset) is
left to `mixed`, which goes one window at a time and gives the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.ranges import Windows
from vedette.metrics.promql.histogram.columns import COUNT, Layout, layout_of, pack, unpack
from vedette.metrics.promql.histogram.sums import combined_hint, conflicting, reduce_rows
from vedette.model.histogram import FloatHistogram, Hint, detect_reset

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Numbers of windows that are written out at a time (8 MB).
_WRITTEN_OUT = 1 << 20


@dataclass(slots=True)
class Row:
    """The samples of one series; window i holds ``low[i]:high[i]`` of them."""

    times: Int64s
    histograms: Sequence[FloatHistogram]
    low: Int64s
    high: Int64s
    windows: Windows
    metric: str
    warn: Callable[[str], None]

    def packed(self) -> tuple[Layout, Float64s] | None:
        layout = layout_of(self.histograms)
        return None if layout is None else (layout, pack(layout, self.histograms))

    def hinted(self, hint: Hint) -> Bools:
        return np.fromiter((h.hint is hint for h in self.histograms), np.bool_, len(self.histograms))

    def ends(self) -> Int64s:
        return np.int64(self.windows.first) + np.arange(self.windows.count) * np.int64(self.windows.step)

    def between(self, same: Callable[[FloatHistogram, FloatHistogram], bool]) -> Int64s:
        """How many neighbours up to each sample `same` tells of: the difference of two counts is that of a window."""
        found = [0, *(same(a, b) for a, b in pairwise(self.histograms))]
        return np.cumsum(np.array(found, dtype=np.int64))


# The windows that have a result, and their results in order; None when the row must go one window at a time.
Answer = tuple[Bools, Sequence[Any]] | None
RowFunction = Callable[[Row], Answer]


def count(row: Row) -> Answer:
    there = row.high > row.low
    return there, (row.high - row.low)[there].astype(np.float64).tolist()


def one(row: Row) -> Answer:
    there = row.high > row.low
    return there, [1.0] * int(there.sum())


def edge(*, last: bool) -> RowFunction:
    def run(row: Row) -> Answer:
        there = row.high > row.low
        index = row.high - 1 if last else row.low
        return there, [row.histograms[i] for i in index[there].tolist()]

    return run


def turns(*, resets: bool) -> RowFunction:
    def run(row: Row) -> Answer:
        there = row.high > row.low
        seen = row.between(detect_reset if resets else lambda a, b: a != b)
        found = seen[row.high[there] - 1] - seen[row.low[there]]
        return there, found.astype(np.float64).tolist()

    return run


def summed(*, average: bool) -> RowFunction:
    def run(row: Row) -> Answer:
        packed = row.packed()
        if packed is None:
            return None
        layout, rows = packed
        there = row.high > row.low
        low, high = row.low[there], row.high[there]
        totals = _reduced(rows, low, high, average)
        seen = {hint: np.concatenate([[0], np.cumsum(row.hinted(hint))]) for hint in Hint}
        hints = [
            {hint for hint in Hint if seen[hint][b] > seen[hint][a]}
            for a, b in zip(low.tolist(), high.tolist(), strict=True)
        ]
        if any(map(conflicting, hints)):
            row.warn(notes.conflicting_resets("aggregation"))
        return there, unpack(layout, totals, [combined_hint(found) for found in hints])

    return run


def _reduced(rows: Float64s, low: Int64s, high: Int64s, average: bool) -> Float64s:
    """The sum or mean of ``rows[low[i]:high[i]]`` for every i: samples of a window are added in their order."""
    sizes = high - low
    out = np.empty((len(low), rows.shape[1]))
    # As many windows at a time as written out take little memory.
    most = max(1, _WRITTEN_OUT // max(1, rows.shape[1] * int(sizes.max(initial=1))))
    for at in range(0, len(low), most):
        some = sizes[at : at + most]
        window = np.repeat(np.arange(len(some)), some)
        behind = np.cumsum(some) - some
        index = np.arange(int(some.sum())) - np.repeat(behind, some) + np.repeat(low[at : at + most], some)
        out[at : at + most] = reduce_rows(rows[index], window, len(some), average=average)
    return out


def growth(*, counter: bool, per_second: bool) -> RowFunction:
    def run(row: Row) -> Answer:
        packed = row.packed()
        if packed is None:
            return None
        layout, rows = packed
        lost = _lost(row, rows) if counter else None
        if lost is not None and not np.isfinite(lost).all():
            return None
        there = row.high > row.low + 1
        first, last = row.low[there], row.high[there] - 1
        _check_kind(row, first, last, counter=counter, whole=True)
        with np.errstate(all="ignore"):
            grown = rows[last] - rows[first]
            if lost is not None:
                grown += lost[last] - lost[first]
            grown *= _factors(row, there, rows[first, COUNT], grown[:, COUNT], counter, per_second)
        return there, unpack(layout, grown, [Hint.GAUGE] * len(first))

    return run


def _lost(row: Row, rows: Float64s) -> Float64s | None:
    """What resets have taken away up to each sample; None without a reset."""
    resets = np.array([False, *(detect_reset(a, b) for a, b in pairwise(row.histograms))])
    if not resets.any():
        return None
    lost = np.zeros(rows.shape)
    lost[1:][resets[1:]] = rows[:-1][resets[1:]]
    return np.cumsum(lost, axis=0)


def _check_kind(row: Row, first: Int64s, last: Int64s, *, counter: bool, whole: bool) -> None:
    """Warns of gauges among counters, anywhere in a window, or of something else at the ends of a gauge's windows."""
    gauges = row.hinted(Hint.GAUGE)
    if not counter:
        if not (gauges[first] & gauges[last]).all():
            row.warn(notes.native_not_gauge(row.metric))
        return
    seen = np.concatenate([[0], np.cumsum(gauges)])
    strange = seen[last + 1] - seen[first] > 0 if whole else gauges[first] | gauges[last]
    if strange.any():
        row.warn(notes.native_not_counter(row.metric))


def _factors(
    row: Row, there: Bools, begin: Float64s, grown: Float64s, counter: bool, per_second: bool
) -> Float64s:
    """How much more than between its samples a counter grew in each window, [windows, 1]."""
    ends = row.ends()[there]
    first, last = row.low[there], row.high[there] - 1
    to_start = (row.times[first] - (ends - row.windows.span)) / 1000.0
    to_end = (ends - row.times[last]) / 1000.0
    sampled = (row.times[last] - row.times[first]) / 1000.0
    gap = sampled / (last - first)
    to_start = np.where(to_start >= gap * 1.1, gap / 2, to_start)
    if counter:
        to_zero = np.where((grown > 0) & (begin >= 0), sampled * (begin / grown), np.inf)
        to_start = np.minimum(to_start, to_zero)
    to_end = np.where(to_end >= gap * 1.1, gap / 2, to_end)
    factors: Float64s = (sampled + to_start + to_end) / sampled
    if per_second:
        factors = factors / (row.windows.span / 1000.0)
    return factors.reshape(-1, 1)


def last_growth(*, counter: bool) -> RowFunction:
    def run(row: Row) -> Answer:
        packed = row.packed()
        if packed is None:
            return None
        layout, rows = packed
        there = row.high > row.low + 1
        last = row.high[there] - 1
        _check_kind(row, last - 1, last, counter=counter, whole=False)
        with np.errstate(all="ignore"):
            grown = rows[last] - rows[last - 1]
            if counter:
                resets = row.between(detect_reset)
                again = resets[last] > resets[last - 1]
                grown[again] = rows[last[again]]
                grown /= ((row.times[last] - row.times[last - 1]) / 1000.0).reshape(-1, 1)
        return there, unpack(layout, grown, [Hint.GAUGE] * len(last))

    return run


ROW_FUNCTIONS: dict[str, RowFunction] = {
    "rate": growth(counter=True, per_second=True),
    "increase": growth(counter=True, per_second=False),
    "delta": growth(counter=False, per_second=False),
    "irate": last_growth(counter=True),
    "idelta": last_growth(counter=False),
    "resets": turns(resets=True),
    "changes": turns(resets=False),
    "sum_over_time": summed(average=False),
    "avg_over_time": summed(average=True),
    "count_over_time": count,
    "present_over_time": one,
    "first_over_time": edge(last=False),
    "last_over_time": edge(last=True),
}
