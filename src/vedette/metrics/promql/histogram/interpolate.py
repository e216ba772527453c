"""Where inside a bucket a value or a rank falls."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.model.histogram import Bucket, FloatHistogram


def log2(x: float) -> float:
    """As IEEE has it: no error for 0."""
    return math.log2(x) if x > 0 else -math.inf if x == 0 else math.nan


def divide(a: float, b: float) -> float:
    """As IEEE has it: no error for 0."""
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def one_sided(h: FloatHistogram, bucket: Bucket) -> Bucket:
    """A bucket around zero reaches to one side only when the histogram has buckets only there."""
    if not bucket.lower <= 0 <= bucket.upper:
        return bucket
    if not h.negative and h.positive:
        return replace(bucket, lower=0.0)
    if not h.positive and h.negative:
        return replace(bucket, upper=0.0)
    return bucket


def around_zero(bucket: Bucket) -> bool:
    return bucket.lower <= 0 <= bucket.upper


def linear_share(low: float, high: float, at: float) -> float:
    return divide(at - low, high - low)


def exponential_share(low: float, high: float, at: float) -> float:
    """The part of a bucket on one side of zero that lies below `at`, on a logarithmic scale."""
    log_low, log_high, log_at = log2(abs(low)), log2(abs(high)), log2(abs(at))
    if at > 0:
        return divide(log_at - log_low, log_high - log_low)
    return 1.0 - divide(log_at - log_high, log_low - log_high)
