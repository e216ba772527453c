"""Range functions on windows that hold histograms: one window at a time, in the original's words and order."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import pairwise
from typing import Any

import numpy as np

from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions.ranges import Kernel, Mixed, MixedWindow, Windows
from vedette.metrics.promql.functions.starts import began_again, inside, overlaps
from vedette.metrics.promql.histogram.sums import sum_histograms
from vedette.model.histogram import FloatHistogram, Hint, IncompatibleSchema, detect_reset


def in_order(w: MixedWindow) -> list[tuple[int, Any]]:
    """Floats and histograms together, by time."""
    return list(merge(w.floats, w.histograms, key=lambda sample: sample[0]))


def restarted(w: MixedWindow, before: int, at: int) -> bool:
    """Whether the start timestamps of two samples, given by their times, say that the counter was reset between."""
    return began_again(w.starts.get(before, 0), before, w.starts.get(at, 0), at)


def floats_only(kernel: Kernel, least: int = 1) -> Mixed:
    """Histograms do not count; when floats stand beside them, that is said."""

    def run(w: MixedWindow) -> Any:
        if not w.floats:
            return None
        w.info(notes.ignored_in_mixed_range(w.metric))
        if len(w.floats) < least:
            return None
        batch = SampleBatch(
            np.array([0, len(w.floats)], dtype=np.int64),
            np.array([t for t, _ in w.floats], dtype=np.int64),
            np.array([v for _, v in w.floats], dtype=np.float64),
        )
        out, present = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.uint8)
        window = Windows(w.end, 0, 1, w.end - w.start, w.params.reshape(1, -1).copy())
        kernel(batch, window, out, present)
        return float(out[0, 0]) if present[0, 0] else None

    return run


def count(w: MixedWindow) -> Any:
    return float(len(w.floats) + len(w.histograms))


def one(w: MixedWindow) -> Any:
    return 1.0


def edge(*, last: bool) -> Mixed:
    def run(w: MixedWindow) -> Any:
        value = in_order(w)[-1 if last else 0][1]
        return value if isinstance(value, FloatHistogram) else float(value)

    return run


def edge_time(*, last: bool) -> Mixed:
    return lambda w: in_order(w)[-1 if last else 0][0] / 1000.0


def summed(*, average: bool) -> Mixed:
    def run(w: MixedWindow) -> Any:
        if w.floats:
            w.warn(notes.mixed_floats_histograms(w.metric))
            return None
        try:
            total = sum_histograms([h for _, h in w.histograms], average=average)
        except IncompatibleSchema:
            w.warn(notes.mixed_exponential_custom(w.metric))
            return None
        if total.conflict:
            w.warn(notes.conflicting_resets("aggregation"))
        if total.reconciled:
            w.info(notes.reconciled_buckets("aggregation"))
        return total.histogram

    return run


def turns(*, resets: bool) -> Mixed:
    def run(w: MixedWindow) -> Any:
        found = 0
        for (before, previous), (at, current) in pairwise(in_order(w)):
            mixed = isinstance(previous, FloatHistogram) != isinstance(current, FloatHistogram)
            if mixed or (resets and restarted(w, before, at)):
                found += 1
            elif isinstance(current, FloatHistogram):
                found += detect_reset(previous, current) if resets else current != previous
            elif resets:
                found += current < previous
            else:
                found += current != previous and not (current != current and previous != previous)
        return float(found)

    return run


def last_growth(*, counter: bool) -> Mixed:
    def run(w: MixedWindow) -> Any:
        samples = in_order(w)[-2:]
        if len(samples) < 2 or samples[0][0] == samples[1][0]:
            return None
        (t0, before), (t1, after) = samples
        seconds = (t1 - t0) / 1000.0
        again = counter and restarted(w, t0, t1)
        histograms = [isinstance(before, FloatHistogram), isinstance(after, FloatHistogram)]
        if not any(histograms):
            grown = after if again or (counter and after < before) else after - before
            return grown / seconds if counter else grown
        if not all(histograms):
            w.warn(notes.mixed_floats_histograms(w.metric))
            return None
        result = _last_histogram_growth(w, before, after, counter, again)
        if result is None:
            return None
        result = result.with_hint(Hint.GAUGE).compact()
        return result.div(seconds) if counter else result

    return run


def _last_histogram_growth(
    w: MixedWindow, before: FloatHistogram, after: FloatHistogram, counter: bool, again: bool
) -> Any:
    gauges = [h.hint is Hint.GAUGE for h in (before, after)]
    if counter and any(gauges):
        w.warn(notes.native_not_counter(w.metric))
    if not counter and not all(gauges):
        w.warn(notes.native_not_gauge(w.metric))
    if counter and (again or detect_reset(before, after)):
        return after
    try:
        difference = after.sub(before)
    except IncompatibleSchema:
        w.warn(notes.mixed_exponential_custom(w.metric))
        return None
    if difference.reconciled:
        w.info(notes.reconciled_buckets("subtraction"))
    return difference.histogram


def growth(*, counter: bool, per_second: bool) -> Mixed:
    def run(w: MixedWindow) -> Any:
        if w.floats:
            w.warn(notes.mixed_floats_histograms(w.metric))
            return None
        first, points = w.histograms[0], [h for _, h in w.histograms]
        begin = w.starts.get(first[0], 0) if counter else 0
        from_zero = inside(begin, w.start, first[0])
        if len(points) < 2 and not from_zero:
            return None
        result = histogram_growth(w, points, counter)
        if result is None:
            return None
        if counter and any(overlaps(*pair) for pair in _starts(w)):
            w.warn(notes.overlapping_starts(w.metric))
        if from_zero:
            whole = result.add(first[1])
            if whole.reconciled:
                w.info(notes.reconciled_buckets("addition"))
            result = whole.histogram.with_hint(Hint.GAUGE)
        return result.mul(_factor(w, result, counter, per_second, begin if from_zero else None))

    return run


def _starts(w: MixedWindow) -> Iterator[tuple[int, int, int]]:
    """Of each two consecutive histograms the start of the first, its time, the start of the second."""
    for (before, _), (at, _) in pairwise(w.histograms):
        yield w.starts.get(before, 0), before, w.starts.get(at, 0)


def _factor(
    w: MixedWindow, result: FloatHistogram, counter: bool, per_second: bool, begin: int | None
) -> float:
    """What to multiply the growth between samples with. `begin`: where the counter was zero, inside the window."""
    first, last = w.histograms[0][0], w.histograms[-1][0]
    to_start, to_end = (first - w.start) / 1000.0, (w.end - last) / 1000.0
    sampled = (last - first) / 1000.0
    gap = sampled / max(1, len(w.histograms) - 1)
    if begin is not None:
        to_start, sampled = 0.0, (last - begin) / 1000.0
    else:
        if to_start >= gap * 1.1:
            to_start = gap / 2
        count = w.histograms[0][1].count
        if counter and result.count > 0 and count >= 0:
            to_start = min(to_start, sampled * (count / result.count))
    if to_end >= gap * 1.1:
        to_end = gap / 2
    factor = (sampled + to_start + to_end) / sampled
    return factor / ((w.end - w.start) / 1000.0) if per_second else factor


def histogram_growth(w: MixedWindow, points: list[FloatHistogram], counter: bool) -> FloatHistogram | None:
    """Last minus first, plus what every reset took away; None, and a warning, when kinds are mixed."""
    first, last = points[0], points[-1]
    if counter and any(h.hint is Hint.GAUGE for h in points):
        w.warn(notes.native_not_counter(w.metric))
    resets = _resets(w) if counter else []
    previous = first
    if resets and resets[0]:
        # The first one takes no part, so neither does its layout.
        previous = points[1].empty_like()
    relevant = [previous, last, *(points[1:-1] if counter else ())]
    if any(h.custom != previous.custom for h in relevant):
        w.warn(notes.mixed_exponential_custom(w.metric))
        return None
    schema = min(h.schema for h in relevant)
    difference = last.to_schema(schema).sub(previous)
    if difference.reconciled:
        w.info(notes.reconciled_buckets("subtraction"))
    result = difference.histogram
    if counter:
        for current, reset in zip(points[1:], resets, strict=True):
            if reset:
                total = result.add(previous)
                if total.reconciled:
                    w.info(notes.reconciled_buckets("addition"))
                result = total.histogram
            previous = current
    elif first.hint is not Hint.GAUGE or last.hint is not Hint.GAUGE:
        w.warn(notes.native_not_gauge(w.metric))
    return result.with_hint(Hint.GAUGE).compact()


def _resets(w: MixedWindow) -> list[bool]:
    """Whether a counter reset lies between each two consecutive histograms."""
    return [
        restarted(w, before, at) or detect_reset(previous, current)
        for (before, previous), (at, current) in pairwise(w.histograms)
    ]
