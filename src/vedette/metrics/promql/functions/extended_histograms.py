"""`anchored` and `smoothed` on native histograms: one window at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.run.context import Context
from vedette.model.histogram import FloatHistogram, Hint, IncompatibleSchema, detect_reset

Points = Sequence[tuple[int, FloatHistogram]]


def between(before: tuple[int, FloatHistogram], after: tuple[int, FloatHistogram], at: int) -> FloatHistogram:
    """The histogram at a time between two samples; a counter that was reset began again from nothing.

    Raises `IncompatibleSchema`.
    """
    share = (at - before[0]) / (after[0] - before[0])
    gauge = Hint.GAUGE in (before[1].hint, after[1].hint)
    if not gauge and detect_reset(before[1], after[1]):
        return after[1].mul(share)
    grown = after[1].sub(before[1]).histogram.mul(share)
    return before[1].add(grown).histogram.with_hint(after[1].hint)


def growth(
    ctx: Context,
    points: Points,
    start: int,
    end: int,
    *,
    smoothed: bool,
    counter: bool,
    metric: str,
    pos: int,
) -> FloatHistogram | None:
    """Last minus first plus what resets took, edges picked or interpolated; None and a warning for mixed layouts."""
    times = [t for t, _ in points]
    first = max(0, bisect_right(times, start) - 1)
    last = min(bisect_left(times, end), len(times) - 1) if smoothed else len(times) - 1
    if times[last] <= start:
        return None
    inside = points[first : last + 1]
    gauges = [h.hint is Hint.GAUGE for _, h in inside]
    if counter and any(gauges):
        ctx.annotations.warn(notes.native_not_counter(metric), pos)
    if not counter and not (gauges[0] and gauges[-1]):
        ctx.annotations.warn(notes.native_not_gauge(metric), pos)
    try:
        return _grown(ctx, inside, start, end, smoothed=smoothed, counter=counter, pos=pos)
    except IncompatibleSchema:
        ctx.annotations.warn(notes.mixed_exponential_custom(metric), pos)
        return None


def _grown(
    ctx: Context, inside: Points, start: int, end: int, *, smoothed: bool, counter: bool, pos: int
) -> FloatHistogram:
    left, right = inside[0][1], inside[-1][1]
    left_between = smoothed and inside[0][0] < start and len(inside) > 1
    if left_between:
        left = between(inside[0], inside[1], start)
    if smoothed and inside[-1][0] > end and len(inside) > 1:
        right = between(inside[-2], inside[-1], end)
    grown = right.sub(left)
    if grown.reconciled:
        ctx.annotations.info(notes.reconciled_buckets("subtraction"), pos)
    if counter:
        # An edge between two samples has already dealt with a reset between them.
        for i in range(1 if left_between else 0, len(inside) - 1):
            if detect_reset(inside[i][1], inside[i + 1][1]):
                grown = grown.histogram.add(inside[i][1])
                if grown.reconciled:
                    ctx.annotations.info(notes.reconciled_buckets("addition"), pos)
    return grown.histogram.with_hint(Hint.GAUGE).compact()
