"""Twins of quantiles and fractions of classic histograms.

Rows ``order[bounds[g]:bounds[g + 1]]`` are the cumulative buckets of group g by rising upper bound ``upper[row]``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s

# Relative difference up to which two counts are the same: less is rounding.
TOLERANCE = 1e-12

Buckets = list[tuple[float, float]]  # upper bound, observations up to it


def _histograms(
    values: Float64s, present: Uint8s, order: Int64s, bounds: Int64s, upper: Float64s
) -> Iterator[tuple[tuple[int, int], Buckets]]:
    """The buckets of every group and step that has any; equal bounds are added together."""
    for g in range(len(bounds) - 1):
        rows = order[bounds[g] : bounds[g + 1]].tolist()
        for s in range(values.shape[1]):
            counts: dict[float, float] = {}
            for r in rows:
                if present[r, s]:
                    counts[float(upper[r])] = counts.get(float(upper[r]), 0.0) + float(values[r, s])
            yield (g, s), list(counts.items())


def quantile(
    values: Float64s,
    present: Uint8s,
    order: Int64s,
    bounds: Int64s,
    upper: Float64s,
    q: Float64s,
    out: Float64s,
    reached: Uint8s,
    forced: Float64s,
) -> None:
    """Quantile ``q[step]`` of each group. `forced` ([groups, steps, 3]) gets lowest bound, highest bound and largest
    difference where counts had to be made monotonic, and a difference of 0 elsewhere."""
    for cell, buckets in _histograms(values, present, order, bounds, upper):
        reached[cell] = bool(buckets)
        forced[cell][2] = 0.0
        out[cell] = math.nan
        wanted = float(q[cell[1]])
        if not buckets or math.isnan(wanted):
            continue
        if not 0 <= wanted <= 1:
            out[cell] = math.copysign(math.inf, wanted)
        elif buckets[-1][0] == math.inf:
            buckets, falls = _monotonic(buckets)
            if falls:
                forced[cell] = (falls[0][0], falls[-1][0], max(by for _, by in falls))
            out[cell] = _quantile(wanted, buckets)


def _monotonic(buckets: Buckets) -> tuple[Buckets, Buckets]:
    """Counts that never fall, and the ``(bound, by how much)`` of those that did by more than rounding."""
    rising, falls = [buckets[0]], []
    for bound, count in buckets[1:]:
        before = rising[-1][1]
        if _almost_equal(before, count):
            count = before
        elif count < before:
            falls.append((bound, before - count))
            count = before
        rising.append((bound, count))
    return rising, falls


def _almost_equal(a: float, b: float) -> bool:
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    size = min(abs(a) + abs(b), sys.float_info.max)
    return a != 0 and b != 0 and abs(a - b) / size < TOLERANCE


def _quantile(q: float, buckets: Buckets) -> float:
    total = buckets[-1][1]
    if len(buckets) < 2 or total == 0:
        return math.nan
    rank = q * total
    at = next((i for i, (_, count) in enumerate(buckets[:-1]) if count >= rank), len(buckets) - 1)
    if at == len(buckets) - 1:
        # Beyond the last bound: nobody knows how far.
        return buckets[-2][0]
    high, count = buckets[at]
    if at == 0 and high <= 0:
        return high
    low, before = buckets[at - 1] if at else (0.0, 0.0)
    if count == before:
        return math.nan
    return low + (high - low) * ((rank - before) / (count - before))


def fraction(
    values: Float64s,
    present: Uint8s,
    order: Int64s,
    bounds: Int64s,
    upper: Float64s,
    lowest: Float64s,
    highest: Float64s,
    out: Float64s,
    reached: Uint8s,
) -> None:
    """The part of observations between ``lowest[step]`` and ``highest[step]``."""
    for cell, buckets in _histograms(values, present, order, bounds, upper):
        low, high = float(lowest[cell[1]]), float(highest[cell[1]])
        reached[cell] = bool(buckets)
        out[cell] = math.nan
        if not buckets or buckets[-1] == (math.inf, 0) or math.isnan(low) or math.isnan(high):
            continue
        if buckets[-1][0] != math.inf:
            continue
        total = buckets[-1][1]
        part = min(_rank(high, buckets), total) - min(_rank(low, buckets), total)
        out[cell] = part / total if low < high else 0.0


def _rank(v: float, buckets: Buckets) -> float:
    """Observations below v, spread evenly in a bucket; all of an endless one lie at its endless side."""
    rank = 0.0
    low = 0.0 if buckets[0][0] > 0 else -math.inf
    for high, count in buckets:
        if v <= low:
            return rank
        if v < high:
            if math.isinf(high):
                return rank
            return count if math.isinf(low) else rank + (count - rank) * (v - low) / (high - low)
        rank, low = count, high
    return buckets[-1][1]
