"""Random sample columns for the kernels' tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

# A busy machine is no fault of a kernel.
settings.register_profile("kernels", deadline=None, max_examples=60)
settings.load_profile("kernels")


@dataclass
class Columns:
    offsets: np.ndarray
    times: np.ndarray
    values: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.offsets) - 1


numbers = st.one_of(
    st.integers(-5, 60).map(float),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e308]),
)
counters = st.integers(0, 60).map(float)


@st.composite
def columns(draw: st.DrawFn, values: st.SearchStrategy[float] = numbers, most: int = 5) -> Columns:
    offsets, times, out = [0], [], []
    for _ in range(draw(st.integers(0, most))):
        gaps = draw(st.lists(st.sampled_from([1, 999, 1000, 5000, 15000, 60000, 400000]), max_size=25))
        now = draw(st.integers(-5000, 50000))
        for gap in gaps:
            now += gap
            times.append(now)
            out.append(draw(values))
        offsets.append(len(times))
    return Columns(np.array(offsets, np.int64), np.array(times, np.int64), np.array(out, np.float64))


@st.composite
def steps(draw: st.DrawFn) -> tuple[int, int, int]:
    """``(first, step, count)``."""
    return (
        draw(st.integers(-10000, 100000)),
        draw(st.sampled_from([0, 1, 1000, 15000, 60000])),
        draw(st.integers(1, 12)),
    )


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def near(a: float, b: float) -> bool:
    return same(a, b) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
