"""Quantile, fraction and moments of one native histogram."""

from __future__ import annotations

import math
from collections.abc import Callable

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.histogram.interpolate import (
    around_zero,
    divide,
    exponential_share,
    linear_share,
    log2,
    one_sided,
)
from vedette.model.histogram import Bucket, FloatHistogram

Note = Callable[[str], None]

_NOWHERE = Bucket(0.0, 0.0, 0.0, False, False)


def quantile(h: FloatHistogram, q: float, metric: str, info: Note) -> float:
    """Interpolated on a logarithmic scale, linearly in custom buckets and around zero.

    Observations of NaN are counted but stand in no bucket, so that ranks are right only from below, and too high.
    """
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    if h.count == 0 or math.isnan(q):
        return math.nan
    strange = math.isnan(h.sum)
    forward = strange or q < 0.5
    buckets = h.buckets()
    rank = (q if forward else 1 - q) * h.count
    count, bucket = 0.0, _NOWHERE
    for bucket in buckets if forward else reversed(buckets):
        count += bucket.count
        if bucket.count != 0 and count >= rank:
            break
    if h.custom:
        if math.isinf(bucket.lower):
            if bucket.upper <= 0:
                return bucket.upper
            bucket = one_sided(h, bucket)
        elif math.isinf(bucket.upper):
            return bucket.lower
    else:
        bucket = one_sided(h, bucket)
    count = min(count, h.count)
    if count < rank:
        if strange:
            info(notes.nan_observations_quantile(metric, nan_result=True))
            return math.nan
        return bucket.upper
    if strange and sum(b.count for b in buckets) < h.count:
        info(notes.nan_observations_quantile(metric, nan_result=False))
    rank = rank - (count - bucket.count) if forward else count - rank
    return _within(h, bucket, divide(rank, bucket.count))


def _within(h: FloatHistogram, bucket: Bucket, share: float) -> float:
    """The value below which `share` of a bucket's observations lie."""
    low, high = bucket.lower, bucket.upper
    if h.custom or around_zero(bucket):
        return low + (high - low) * share
    log_low, log_high = log2(abs(low)), log2(abs(high))
    if low > 0:
        return _exp2(log_low + (log_high - log_low) * share)
    return -_exp2(log_high + (log_low - log_high) * (1 - share))


def _exp2(x: float) -> float:
    return math.inf if x >= 1024 else math.exp2(x)


def fraction(h: FloatHistogram, low: float, high: float, metric: str, info: Note) -> float:
    """The part of observations between two values; those of NaN are in no part."""
    if h.count == 0 or math.isnan(low) or math.isnan(high):
        return math.nan
    if low >= high:
        return 0.0
    buckets = h.buckets()
    total = h.count
    if math.isnan(h.sum):
        total = sum(b.count for b in buckets)
        if total < h.count:
            info(notes.nan_observations_fraction(metric))
    return (_rank(h, buckets, high, total) - _rank(h, buckets, low, total)) / h.count


def _rank(h: FloatHistogram, buckets: list[Bucket], at: float, total: float) -> float:
    """How many observations lie below `at`; at most `total`, which is also the rank behind the last bucket."""
    rank = 0.0
    for bucket in buckets:
        linear = h.custom or around_zero(bucket)
        bucket = one_sided(h, bucket)
        if bucket.lower >= at:
            break
        if bucket.upper > at:
            if math.isinf(bucket.lower):
                # Nothing is known of where in the first bucket observations lie: all count as lying below.
                rank = bucket.count
            else:
                share = linear_share if linear else exponential_share
                rank += bucket.count * share(bucket.lower, bucket.upper, at)
            break
        rank += bucket.count
    else:
        return total
    return min(rank, total)


def variance(h: FloatHistogram) -> float:
    """Observations are taken to lie at the geometric mean of their bucket, or at the middle of a custom one, which of
    one without an end is infinite."""
    if h.count == 0:
        return math.nan
    mean = h.sum / h.count
    total = 0.0
    for b in h.buckets():
        if b.count == 0:
            continue
        if h.custom:
            at = (b.lower + b.upper) / 2
        elif around_zero(b):
            at = 0.0
        else:
            at = math.copysign(math.sqrt(b.lower * b.upper), b.upper)
        total += b.count * (at - mean) * (at - mean)
    return total / h.count
