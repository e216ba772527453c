from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from .columns import near
from .twins import Answers

BOUNDS = [-math.inf, -1.0, 0.0, 0.5, 1.0, 1.0, 2.5, math.inf, math.inf]


@dataclass
class Histograms:
    """Some groups of buckets at some steps. Rows lie in any order."""

    inputs: tuple[Any, ...]
    groups: int
    steps: int

    def out(self) -> dict[str, np.ndarray]:
        shape = (self.groups, self.steps)
        return {"out": np.zeros(shape), "reached": np.zeros(shape, dtype=np.uint8)}


# Differences of nothing but rounding, too, and counts that are no counts.
counts = st.one_of(
    st.integers(0, 40).map(float), st.sampled_from([10.0, 10.0 + 1e-13, 10.0 - 1e-13, 1e-300, math.nan])
)


@st.composite
def histograms(draw: st.DrawFn) -> Histograms:
    groups, steps = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    chosen = [[b for b in BOUNDS if draw(st.booleans())] for _ in range(groups)]
    bounds = np.cumsum([0, *map(len, chosen)])
    rows = int(bounds[-1])
    order = np.array(draw(st.permutations(range(rows))), dtype=np.int64)
    upper = np.zeros(rows)
    upper[order] = [b for group in chosen for b in group]
    values = draw(st.lists(counts, min_size=rows * steps, max_size=rows * steps))
    bits = draw(st.lists(st.sampled_from([1, 1, 1, 0]), min_size=rows * steps, max_size=rows * steps))
    return Histograms(
        (
            np.array(values, dtype=np.float64).reshape(rows, steps),
            np.array(bits, dtype=np.uint8).reshape(rows, steps),
            order,
            bounds.astype(np.int64),
            upper,
        ),
        groups,
        steps,
    )


@given(histograms(), st.sampled_from([-0.5, 0.0, 0.1, 0.5, 0.95, 1.0, 1.5, math.nan]))
def test_quantile_equals_its_plain_twin(case: Histograms, q: float) -> None:
    answers = Answers(
        "histogram_classic",
        "quantile",
        *case.inputs,
        np.full(case.steps, q),
        **case.out(),
        forced=np.zeros((case.groups, case.steps, 3)),
    )
    answers.check("reached", out=near)
    kernel, twin = answers.kernel["forced"], answers.twin["forced"]
    # Bounds say nothing where nothing had to be forced.
    assert (kernel[:, :, 2] == twin[:, :, 2]).all()
    assert (kernel == twin)[twin[:, :, 2] > 0].all()


LIMITS = st.sampled_from([-math.inf, -2.0, -1.0, 0.0, 0.3, 0.5, 1.0, 1.7, 2.5, 9.0, math.inf, math.nan])


@given(histograms(), LIMITS, LIMITS)
def test_fraction_equals_its_plain_twin(case: Histograms, low: float, high: float) -> None:
    Answers(
        "histogram_classic",
        "fraction",
        *case.inputs,
        np.full(case.steps, low),
        np.full(case.steps, high),
        **case.out(),
    ).check("reached", out=near)
