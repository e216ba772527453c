"""Quantile, fraction and moments of one native histogram."""

from __future__ import annotations

import math
from collections.abc import Callable

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.histogram.interpolate import one_sided, share_below
from vedette.model.histogram import FloatHistogram

Note = Callable[[str], None]


def quantile(h: FloatHistogram, q: float, metric: str, info: Note) -> float:
    """Interpolated on a logarithmic scale, linearly in custom buckets and around zero."""
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    if h.count == 0 or math.isnan(q):
        return math.nan
    # Observations of NaN are counted but stand in no bucket: then only ranks from below are right.
    forward = math.isnan(h.sum) or q < 0.5
    buckets = h.buckets()
    rank = (q if forward else 1 - q) * h.count
    count = 0.0
    bucket = None
    for candidate in buckets if forward else reversed(buckets):
        if candidate.count == 0:
            continue
        bucket = candidate
        count += bucket.count
        if count >= rank:
            break
    if bucket is None:
        if math.isnan(h.sum):
            info(notes.nan_observations_quantile(metric, nan_result=True))
        return math.nan
    count = min(count, h.count)
    if math.isnan(h.sum):
        info(notes.nan_observations_quantile(metric, nan_result=count < rank))
    if count < rank:
        return math.nan
    if h.custom:
        if math.isinf(bucket.lower):
            if bucket.upper <= 0:
                return bucket.upper
        elif math.isinf(bucket.upper):
            return bucket.lower
    else:
        bucket = one_sided(h, bucket)
    rank = rank - (count - bucket.count) if forward else count - rank
    fraction = rank / bucket.count
    low = 0.0 if math.isinf(bucket.lower) else bucket.lower
    high = bucket.upper
    if h.custom or low <= 0 <= high:
        return low + (high - low) * fraction
    log_low, log_high = math.log2(abs(low)), math.log2(abs(high))
    if low > 0:
        return float(2.0 ** (log_low + (log_high - log_low) * fraction))
    return -float(2.0 ** (log_high + (log_low - log_high) * (1 - fraction)))


def fraction(h: FloatHistogram, low: float, high: float, metric: str, info: Note) -> float:
    """The part of observations between two values; those of NaN are in no part."""
    if h.count == 0 or math.isnan(low) or math.isnan(high):
        return math.nan
    if math.isnan(h.sum):
        info(notes.nan_observations_fraction(metric))
    if low >= high:
        return 0.0
    between = sum(
        b.count * (share_below(h, b, high) - share_below(h, b, low)) for b in h.buckets() if b.count
    )
    return between / h.count


def variance(h: FloatHistogram) -> float:
    """Observations are taken to lie at the geometric mean of their bucket, or at the middle of a custom one."""
    if h.count == 0:
        return math.nan
    mean = h.sum / h.count
    total = 0.0
    for b in h.buckets():
        if b.count == 0:
            continue
        if h.custom:
            low = b.lower if not math.isinf(b.lower) else (0.0 if b.upper > 0 else b.upper)
            high = b.upper if not math.isinf(b.upper) else low
            at = (low + high) / 2
        elif b.lower <= 0 <= b.upper:
            at = 0.0
        else:
            at = math.copysign(math.sqrt(b.lower * b.upper), b.upper)
        total += b.count * (at - mean) ** 2
    return total / h.count
