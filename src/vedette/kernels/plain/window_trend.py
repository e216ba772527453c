"""Twins of the window functions that see a trend."""

from __future__ import annotations

import math
from fractions import Fraction

from vedette.kernels.plain import arithmetic
from vedette.kernels.plain.samples import Float64s, Int64s, Samples, Uint8s, each_window


def run(
    kind: int,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    span: int,
    params: Float64s,
    out: Float64s,
    present: Uint8s,
) -> None:
    """`kind`: 0 deriv, 1 predict_linear (`params` = seconds ahead, evaluation time in ms), 2 double exponential
    smoothing (`params` = smoothing factor, trend factor)."""
    function = (_deriv, _predict, _smooth)[kind]
    each_window(function, offsets, ts, v, first, step, span, params, out, present)


def _line(samples: Samples, at: Fraction) -> tuple[float, float]:
    """``(slope a second, value at `at`)`` of the line of least squares, in exact numbers."""
    values = [v for _, v in samples]
    if len(set(values)) == 1:
        return (math.nan, math.nan) if math.isinf(values[0]) else (0.0, values[0])
    if not arithmetic.finite(values):
        return math.nan, math.nan
    xs = [(t - at) / 1000 for t, _ in samples]
    ys = [Fraction(v) for v in values]
    mx, my = sum(xs, Fraction()) / len(xs), sum(ys, Fraction()) / len(ys)
    covariance = sum(((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)), Fraction())
    slope = covariance / sum(((x - mx) * (x - mx) for x in xs), Fraction())
    return arithmetic.rounded(slope), arithmetic.rounded(my - slope * mx)


def _deriv(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    return None if len(samples) < 2 else _line(samples, Fraction(end))[0]


def _predict(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    if len(samples) < 2:
        return None
    ahead, now = params
    slope, intercept = _line(samples, Fraction(now))
    return slope * ahead + intercept


def _smooth(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    """Holt's linear method: the level follows the values, the trend follows the level."""
    if len(samples) < 2:
        return None
    smoothing, trending = params
    values = [v for _, v in samples]
    level, trend = values[0], values[1] - values[0]
    for i, value in enumerate(values[1:]):
        before, level = level, smoothing * value + (1 - smoothing) * (level + trend)
        if i + 2 < len(values):
            trend = trending * (level - before) + (1 - trending) * trend
    return level
