from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import histogram_classic

from .columns import near

BOUNDS = [-1.0, 0.0, 0.5, 1.0, 2.5, math.inf]


def plain_quantile(q: float, buckets: list[tuple[float, float]]) -> float:
    if math.isnan(q) or not 0 <= q <= 1:
        return math.nan if math.isnan(q) else math.copysign(math.inf, q)
    if not math.isinf(buckets[-1][0]):
        return math.nan
    rising, top = [], -math.inf
    for bound, count in buckets:
        top = max(top, count)
        rising.append((bound, top))
    if len(rising) < 2 or rising[-1][1] == 0:
        return math.nan
    rank = q * rising[-1][1]
    at = next((i for i, (_, c) in enumerate(rising[:-1]) if c >= rank), len(rising) - 1)
    if at == len(rising) - 1:
        return rising[-2][0]
    if at == 0 and rising[0][0] <= 0:
        return rising[0][0]
    low, before = rising[at - 1] if at else (0.0, 0.0)
    high, count = rising[at]
    if count == before:
        return math.nan
    return low + (high - low) * ((rank - before) / (count - before))


def plain_rank(v: float, buckets: list[tuple[float, float]]) -> float:
    """Observations below v; all of an endless bucket lie at its endless side."""
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


@st.composite
def histograms(draw: st.DrawFn) -> list[tuple[float, float]]:
    chosen = [b for b in BOUNDS if draw(st.booleans())] or [math.inf]
    return [(b, float(draw(st.integers(0, 40)))) for b in chosen]


def columns(buckets: list[tuple[float, float]]) -> tuple[np.ndarray, ...]:
    values = np.array([[c] for _, c in buckets])
    n = len(buckets)
    return (
        values,
        np.ones((n, 1), dtype=np.uint8),
        np.arange(n, dtype=np.int64),
        np.array([0, n], dtype=np.int64),
        np.array([b for b, _ in buckets]),
    )


@given(histograms(), st.sampled_from([-0.5, 0.0, 0.1, 0.5, 0.95, 1.0, 1.5, math.nan]))
def test_quantile(buckets: list[tuple[float, float]], q: float) -> None:
    out, reached = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.uint8)
    forced = np.zeros((1, 1, 3))
    histogram_classic.quantile(*columns(buckets), np.array([q]), out, reached, forced)
    assert reached[0, 0]
    assert near(out[0, 0], plain_quantile(q, buckets)), (buckets, q)
    counts = [c for _, c in buckets]
    falls = any(b < max(counts[: i + 1]) for i, b in enumerate(counts))
    if math.isinf(buckets[-1][0]) and 0 <= q <= 1:
        assert bool(forced[0, 0, 2] > 0) is falls


@given(histograms(), st.sampled_from([*BOUNDS[:-1], 0.3, 1.7, -2.0]), st.sampled_from([*BOUNDS, 0.4, 2.0]))
def test_fraction(buckets: list[tuple[float, float]], low: float, high: float) -> None:
    total = 0.0
    buckets = [(b, total := max(total, c)) for b, c in buckets]
    out, reached = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.uint8)
    histogram_classic.fraction(*columns(buckets), np.array([low]), np.array([high]), out, reached)
    if not math.isinf(buckets[-1][0]) or total == 0:
        assert math.isnan(out[0, 0])
    elif low >= high:
        assert out[0, 0] == 0
    else:
        want = (plain_rank(high, buckets) - plain_rank(low, buckets)) / total
        assert near(out[0, 0], want), (buckets, low, high)
