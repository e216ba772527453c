"""Arithmetic that several twins share: sums and quantiles as the originals define them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction

STALE_NAN_BITS = 0x7FF0000000000002


def is_stale(value: float) -> bool:
    return bool(struct.unpack("<Q", struct.pack("<d", value))[0] == STALE_NAN_BITS)


def add(total: float, lost: float, x: float) -> tuple[float, float]:
    """One step of a compensated sum: `lost` gathers what rounding took. An infinite total has lost nothing."""
    after = total + x
    if math.isinf(after):
        return after, 0.0
    big, small = (total, x) if abs(total) >= abs(x) else (x, total)
    return after, lost + ((big - after) + small)


def compensated(values: Iterable[float]) -> tuple[float, float]:
    """``(total, lost)`` of all values."""
    total = lost = 0.0
    for x in values:
        total, lost = add(total, lost, x)
    return total, lost


def finite(values: Iterable[float]) -> bool:
    return all(math.isfinite(v) for v in values)


def mean(values: Sequence[float]) -> float:
    """The exact mean, rounded once; it can't overflow."""
    endless = {v for v in values if not math.isfinite(v)}
    if endless:
        return endless.pop() if len(endless) == 1 else math.nan
    return rounded(sum(map(Fraction, values), Fraction()) / len(values))


def variance(values: Sequence[float]) -> float:
    """The exact population variance, rounded once."""
    if not finite(values):
        return math.nan
    exact = [Fraction(v) for v in values]
    middle = sum(exact, Fraction()) / len(exact)
    return rounded(sum(((v - middle) * (v - middle) for v in exact), Fraction()) / len(exact))


def rounded(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def nan_first(value: float) -> tuple[bool, float]:
    """A sort key: NaN is the smallest value."""
    return (False, 0.0) if math.isnan(value) else (True, value)


def quantile(q: float, values: Iterable[float]) -> float:
    """Between the two values around rank ``q * (n - 1)``, which is counted from 0."""
    if math.isnan(q):
        return math.nan
    if not 0 <= q <= 1:
        return math.copysign(math.inf, q)
    ordered = sorted(values, key=nan_first)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    weight = rank - low
    return ordered[low] * (1 - weight) + ordered[high] * weight


def improves(value: float, best: float, *, greatest: bool) -> bool:
    """Whether `value` beats `best`; anything beats NaN."""
    return math.isnan(best) or (value > best if greatest else value < best)
