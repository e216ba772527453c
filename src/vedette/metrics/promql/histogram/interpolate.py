"""Where inside a bucket a value or a rank falls."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.model.histogram import Bucket, FloatHistogram


def one_sided(h: FloatHistogram, bucket: Bucket) -> Bucket:
    """The zero bucket reaches to one side only when the histogram has buckets only there."""
    if h.custom or not bucket.lower <= 0 <= bucket.upper:
        return bucket
    if not h.negative and h.positive:
        return replace(bucket, lower=0.0)
    if not h.positive and h.negative:
        return replace(bucket, upper=0.0)
    return bucket


def share_below(h: FloatHistogram, bucket: Bucket, at: float) -> float:
    """The part of a bucket's observations that lie below `at`, between 0 and 1."""
    bucket = one_sided(h, bucket)
    low, high = bucket.lower, bucket.upper
    if at >= high:
        return 1.0
    if at <= low:
        return 0.0
    if h.custom:
        if math.isinf(high):
            return 0.0
        if math.isinf(low):
            # Observations are taken to lie from zero upwards, or all at the lower end.
            if high <= 0:
                return 1.0
            low = 0.0
            if at <= 0:
                return 0.0
        return (at - low) / (high - low)
    if low <= 0 <= high:
        return (at - low) / (high - low) if high > low else 1.0
    log_low, log_high, log_at = math.log2(abs(low)), math.log2(abs(high)), math.log2(abs(at))
    if at > 0:
        return (log_at - log_low) / (log_high - log_low)
    return 1.0 - (log_at - log_high) / (log_low - log_high)
