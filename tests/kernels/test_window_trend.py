from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vedette.kernels import window_trend

from .columns import Columns, columns, near, steps, window

SMALL = st.integers(-100, 100).map(float)


def fit(samples: list[tuple[int, float]], at: int) -> tuple[float, float]:
    if len({v for _, v in samples}) == 1:
        return 0.0, samples[0][1]
    # In exact numbers: the plain way must not be the less precise of the two.
    xs = [Fraction(t - at, 1000) for t, _ in samples]
    ys = [Fraction(v) for _, v in samples]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)
    return float(slope), float(my - slope * mx)


def smooth(values: list[float], sf: float, tf: float) -> float:
    level, trend, before = values[0], values[1] - values[0], 0.0
    for i, value in enumerate(values[1:], start=1):
        if i > 1:
            trend = tf * (level - before) + (1 - tf) * trend
        before, level = level, sf * value + (1 - sf) * (level + trend)
    return level


@pytest.mark.parametrize("kind", [0, 1, 2])
@given(data=columns(SMALL), grid=steps(), span=st.sampled_from([30000, 300000, 3_000_000]))
def test_equals_its_plain_twin(kind: int, data: Columns, grid: tuple[int, int, int], span: int) -> None:
    first, step, count = grid
    rows = data.rows()
    assume(rows)
    out = np.empty((len(rows), count))
    present = np.empty((len(rows), count), dtype=np.uint8)
    ends = first + step * np.arange(count)
    second = ends.astype(float) if kind == 1 else np.full(count, 0.5)
    params = np.stack([np.full(count, 60.0 if kind == 1 else 0.3), second], axis=1)
    params = np.ascontiguousarray(params) if kind else np.zeros((count, 0))
    window_trend.run(kind, data.offsets, data.times, data.values, first, step, span, params, out, present)
    for r, row in enumerate(rows):
        for i in range(count):
            end = first + i * step
            inside = window(row, end, span)
            assert bool(present[r, i]) is (len(inside) >= 2)
            if len(inside) < 2:
                continue
            slope, intercept = fit(inside, end)
            want = (
                slope,
                slope * 60 + intercept,
                smooth([v for _, v in inside], 0.3, 0.5),
            )[kind]
            # The squares of distances of an hour leave about nine digits.
            assert near(out[r, i], want) or abs(out[r, i] - want) < 1e-6 * max(
                1.0, abs(want), abs(slope) * 4000
            )
