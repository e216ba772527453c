"""`</` and `>/`: a histogram without the observations on one side of a value."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.metrics.promql.histogram.interpolate import share_below
from vedette.model.histogram import Bucket, FloatHistogram


def trim(h: FloatHistogram, at: float, *, below: bool) -> FloatHistogram:
    """Keeps what lies below `at` (or above); a bucket that `at` cuts is split by interpolation."""
    if math.isnan(at):
        return replace(h, count=math.nan, sum=math.nan)
    kept_positive: dict[int, float] = {}
    kept_negative: dict[int, float] = {}
    zero = 0.0
    total = 0.0
    estimate = 0.0
    changed = False
    for bucket, side in _all(h):
        share = share_below(h, bucket, at)
        kept = bucket.count * (share if below else 1.0 - share)
        changed = changed or kept != bucket.count
        total += kept
        estimate += kept * _middle(h, bucket, at, below=below, cut=0.0 < share < 1.0)
        if side == 0:
            zero = kept
        elif kept:
            (kept_positive if side > 0 else kept_negative)[bucket.index] = kept
    if not changed:
        return h
    return replace(
        h,
        count=total,
        sum=estimate,
        zero_count=zero,
        positive=kept_positive,
        negative=kept_negative,
    )


def _all(h: FloatHistogram) -> list[tuple[Bucket, int]]:
    out = [(b, -1) for b in h.negative_buckets()]
    if h.zero_count:
        out.append((h.zero_bucket(), 0))
    out.extend((b, 1) for b in h.positive_buckets())
    return out


def _middle(h: FloatHistogram, bucket: Bucket, at: float, *, below: bool, cut: bool) -> float:
    """Where the kept observations of a bucket lie on average."""
    low, high = bucket.lower, bucket.upper
    if low <= 0 <= high and not h.custom:
        if not h.negative and h.positive:
            low = 0.0
        elif not h.positive and h.negative:
            high = 0.0
    if h.custom and math.isinf(low):
        low = 0.0 if high > 0 else high
    if math.isinf(high):
        high = low
    if cut:
        low, high = (low, at) if below else (at, high)
    if h.custom or low <= 0 <= high:
        return (low + high) / 2
    middle = math.sqrt(abs(low) * abs(high))
    return middle if low > 0 else -middle
