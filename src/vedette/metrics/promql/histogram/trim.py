"""`</` and `>/`: a histogram without the observations on one side of a value."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.metrics.promql.histogram.interpolate import one_sided, share_below
from vedette.model.histogram import Bucket, FloatHistogram


def trim(h: FloatHistogram, at: float, *, below: bool) -> FloatHistogram:
    """Keeps what lies below `at` (or above); a bucket that `at` cuts is split by interpolation."""
    if at == (math.inf if below else -math.inf):
        return h
    if at == (-math.inf if below else math.inf):
        return replace(h.empty_like(), zero_threshold=h.zero_threshold, hint=h.hint)
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    zero = count = total = 0.0
    changed = False
    for bucket, side in _all(h):
        kept, middle = (_custom if h.custom else _exponential)(h, bucket, at, below)
        changed = changed or kept != bucket.count
        count += kept
        total += kept * middle if kept else 0.0
        if side == 0:
            zero = kept
        elif kept:
            (positive if side > 0 else negative)[bucket.index] = kept
    if not changed:
        return h
    return replace(h, count=count, sum=total, zero_count=zero, positive=positive, negative=negative)


def _all(h: FloatHistogram) -> list[tuple[Bucket, int]]:
    out = [(b, -1) for b in h.negative_buckets()]
    if h.zero_count:
        out.append((h.zero_bucket(), 0))
    out.extend((b, 1) for b in h.positive_buckets())
    return out


def _exponential(h: FloatHistogram, bucket: Bucket, at: float, below: bool) -> tuple[float, float]:
    """How many observations of a bucket are kept, and where they lie on average."""
    bucket = one_sided(h, bucket)
    low, high = bucket.lower, bucket.upper
    share = share_below(h, bucket, at)
    kept = bucket.count * (share if below else 1.0 - share)
    around_zero = low <= 0 <= high
    if 0.0 < share < 1.0:
        low, high = (low, at) if below else (at, high)
    if around_zero:
        return kept, (low + high) / 2
    return kept, math.copysign(math.sqrt(abs(low) * abs(high)), low)


def _custom(h: FloatHistogram, bucket: Bucket, at: float, below: bool) -> tuple[float, float]:
    """As above for custom bounds. Nothing is known of where observations in an endless bucket lie, but its finite end."""
    low, high, count = bucket.lower, bucket.upper, bucket.count
    if math.isinf(low) and math.isinf(high):
        return 0.0, 0.0
    if math.isinf(low) and high <= 0:
        if at >= high:
            return (count, high) if below else (0.0, 0.0)
        return (count, at) if below else (0.0, 0.0)
    if math.isinf(low):
        low = 0.0
        if at < 0:
            return 0.0, 0.0
    if math.isinf(high):
        return (0.0, 0.0) if below else (count, max(at, low))
    share = min(1.0, max(0.0, (at - low) / (high - low)))
    if below:
        return count * share, (low + min(at, high)) / 2
    return count * (1.0 - share), (max(at, low) + high) / 2
