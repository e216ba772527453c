"""`</` and `>/`: a histogram without the observations on one side of a value."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.metrics.promql.histogram.interpolate import exponential_share, linear_share
from vedette.model.histogram import Bucket, FloatHistogram

# How many observations of a bucket are kept, and where they lie on average.
Kept = tuple[float, float]


def trim(h: FloatHistogram, at: float, *, below: bool) -> FloatHistogram:
    """Keeps what lies below `at` (or above); a bucket that `at` cuts is split by interpolation.

    A histogram that loses nothing stays what it is. Else count and sum are made anew from what is left in the buckets.
    """
    sides: list[dict[int, float]] = []
    count = total = 0.0
    changed = False
    for buckets in (h.positive_buckets(), h.negative_buckets()):
        side: dict[int, float] = {}
        for bucket in buckets:
            if bucket.count == 0:
                continue
            kept, middle = _of_bucket(h, bucket, at, below)
            changed = changed or kept != bucket.count
            count += kept
            total += kept * middle
            side[bucket.index] = kept
        sides.append(side)
    positive, negative = sides
    zero = h.zero_count
    if zero > 0:
        zero, middle = _of_zero_bucket(h.zero_bucket(), at, below, bool(positive), bool(negative))
        changed = changed or zero != h.zero_count
        count += zero
        total += zero * middle
    if not changed:
        return h
    return replace(h, count=count, sum=total, zero_count=zero, positive=positive, negative=negative).compact()


def _of_bucket(h: FloatHistogram, bucket: Bucket, at: float, below: bool) -> Kept:
    low, high, count = bucket.lower, bucket.upper, bucket.count
    if (high <= at) if below else (low >= at):
        return count, _middle(low, high, h.custom)
    if not low < at < high:
        return 0.0, 0.0
    if math.isinf(low):
        return _of_first(high, count, at, below)
    if math.isinf(high):
        # Some of them may lie beyond any value: below it there are none for sure, above it all may be.
        return (0.0, 0.0) if below else (count, at)
    share = (linear_share if h.custom else exponential_share)(low, high, at)
    if below:
        return count * share, _middle(low, at, h.custom)
    return count * (1.0 - share), _middle(at, high, h.custom)


def _of_first(high: float, count: float, at: float, below: bool) -> Kept:
    """Of the bucket that reaches down to -Inf: from zero on when it ends above, else all of it lies at its end."""
    if below:
        if math.isinf(high):
            return 0.0, 0.0
        if high <= 0:
            return count, at
        return (count * (at / high), at / 2) if at > 0 else (0.0, 0.0)
    if at >= 0 and not math.isinf(high):
        return count * (1.0 - at / high), (at + high) / 2
    return 0.0, 0.0


def _of_zero_bucket(bucket: Bucket, at: float, below: bool, positive: bool, negative: bool) -> Kept:
    """The zero bucket reaches to one side only when observations lie only there."""
    low = 0.0 if positive and not negative else bucket.lower
    high = 0.0 if negative and not positive else bucket.upper
    if at <= low:
        return (0.0, 0.0) if below else (bucket.count, (low + high) / 2)
    if at >= high:
        return (bucket.count, (low + high) / 2) if below else (0.0, 0.0)
    share = linear_share(low, high, at)
    if below:
        return bucket.count * share, (low + at) / 2
    return bucket.count * (1.0 - share), (at + high) / 2


def _middle(low: float, high: float, linear: bool) -> float:
    if math.isinf(low):
        if math.isinf(high):
            return 0.0
        return high / 2 if high > 0 else high
    if math.isinf(high):
        return low
    if linear:
        return (low + high) / 2
    return math.copysign(math.sqrt(abs(low * high)), low if low != 0 else high)
