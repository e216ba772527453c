"""group_rows and group_reduce against dictionaries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels import group_reduce, group_rows

from .columns import kahan, near, numbers


@given(
    st.integers(0, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 3), min_size=width, max_size=width).map(tuple), max_size=60
        ).map(lambda rows: (width, rows))
    )
)
def test_equal_rows_get_one_number(case: tuple[int, list[tuple[int, ...]]]) -> None:
    width, rows = case
    columns = np.array(rows, dtype=np.int32).reshape(len(rows), width).T
    groups, firsts = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    found = group_rows.group(np.ascontiguousarray(columns).reshape(width, len(rows)), groups, firsts)
    numbers_: dict[tuple[int, ...], int] = {}
    for row in rows:
        numbers_.setdefault(row, len(numbers_))
    assert found == len(numbers_)
    assert groups.tolist() == [numbers_[row] for row in rows]
    assert [rows[i] for i in firsts[:found].tolist()] == list(numbers_)


class Case:
    def __init__(self, values: np.ndarray, present: np.ndarray, groups: np.ndarray, count: int) -> None:
        self.values, self.present, self.groups, self.count = values, present, groups, count
        self.steps = values.shape[1]

    def cell(self, group: int, step: int) -> list[float]:
        return [
            float(self.values[r, step])
            for r in range(len(self.groups))
            if self.groups[r] == group and self.present[r, step]
        ]

    def cells(self) -> list[tuple[int, int, list[float]]]:
        return [(g, s, self.cell(g, s)) for g in range(self.count) for s in range(self.steps)]

    def zeros(self) -> np.ndarray:
        return np.zeros((self.count, self.steps))

    def members(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.groups, kind="stable").astype(np.int64)
        sizes = np.bincount(self.groups, minlength=self.count)
        return order, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@st.composite
def cases(draw: st.DrawFn, values: st.SearchStrategy[float] = numbers) -> Case:
    rows, steps, count = draw(st.integers(1, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    size = rows * steps
    flat = draw(st.lists(values, min_size=size, max_size=size))
    bits = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    groups = draw(st.lists(st.integers(0, count - 1), min_size=rows, max_size=rows))
    return Case(
        np.array(flat).reshape(rows, steps),
        np.array(bits, dtype=np.uint8).reshape(rows, steps),
        np.array(groups, dtype=np.int64),
        count,
    )


@given(cases())
def test_sum(case: Case) -> None:
    totals, lost, counts = case.zeros(), case.zeros(), case.zeros()
    group_reduce.add_sum(case.values, case.present, case.groups, totals, lost, counts)
    for g, s, cell in case.cells():
        assert counts[g, s] == len(cell)
        assert near(totals[g, s] + lost[g, s], sum(kahan(cell)))


@given(cases(st.floats(-1e6, 1e6)))
def test_average(case: Case) -> None:
    totals, lost, counts = case.zeros(), case.zeros(), case.zeros()
    running = np.zeros(counts.shape, dtype=np.uint8)
    group_reduce.add_avg(case.values, case.present, case.groups, totals, lost, counts, running)
    for g, s, cell in case.cells():
        if cell:
            assert near((totals[g, s] + lost[g, s]) / counts[g, s], math.fsum(cell) / len(cell))


@pytest.mark.parametrize("greatest", [False, True])
@given(case=cases())
def test_extremes(greatest: bool, case: Case) -> None:
    best, counts = case.zeros(), case.zeros()
    group_reduce.add_extreme(case.values, case.present, case.groups, greatest, best, counts)
    for g, s, cell in case.cells():
        real = [v for v in cell if not math.isnan(v)]
        if real:
            assert best[g, s] == (max if greatest else min)(real)
        elif cell:
            assert math.isnan(best[g, s])


@given(cases(st.floats(-1e4, 1e4)))
def test_variance(case: Case) -> None:
    state = [case.zeros() for _ in range(5)]
    group_reduce.add_variance(case.values, case.present, case.groups, *state)
    for g, s, cell in case.cells():
        if cell:
            mean = math.fsum(cell) / len(cell)
            want = math.fsum((v - mean) ** 2 for v in cell) / len(cell)
            assert math.isclose(
                (state[2][g, s] + state[3][g, s]) / len(cell), want, rel_tol=1e-6, abs_tol=1e-4
            )


@pytest.mark.parametrize("greatest", [False, True])
@given(case=cases(), k=st.integers(-1, 9))
def test_top(greatest: bool, case: Case, k: int) -> None:
    order, bounds = case.members()
    chosen = np.zeros(case.present.shape, dtype=np.uint8)
    wanted = np.full(case.steps, k, dtype=np.int64)
    group_reduce.top(case.values, case.present, order, bounds, wanted, greatest, chosen)
    for g, s, cell in case.cells():
        got = [
            float(case.values[r, s]) for r in range(len(case.groups)) if chosen[r, s] and case.groups[r] == g
        ]
        sign = -1 if greatest else 1
        ranked = sorted(cell, key=lambda v: (math.isnan(v), sign * v if v == v else 0))[: max(k, 0)]
        assert sorted(map(str, got)) == sorted(map(str, ranked))


@given(case=cases(st.floats(-1e6, 1e6)), q=st.sampled_from([-1.0, 0.0, 0.3, 0.5, 1.0, 1.5, math.nan]))
def test_quantile(case: Case, q: float) -> None:
    order, bounds = case.members()
    out, reached = case.zeros(), np.zeros((case.count, case.steps), dtype=np.uint8)
    group_reduce.quantile(case.values, case.present, order, bounds, np.full(case.steps, q), out, reached)
    for g, s, cell in case.cells():
        assert bool(reached[g, s]) is bool(cell)
        if not cell:
            continue
        if math.isnan(q):
            assert math.isnan(out[g, s])
        elif not 0 <= q <= 1:
            assert out[g, s] == math.copysign(math.inf, q)
        else:
            assert math.isclose(out[g, s], float(np.quantile(cell, q)), rel_tol=1e-9, abs_tol=1e-6)


@given(case=cases(), k=st.integers(0, 9))
def test_limit(case: Case, k: int) -> None:
    order, bounds = case.members()
    chosen = np.zeros(case.present.shape, dtype=np.uint8)
    group_reduce.limit(case.present, order, bounds, np.full(case.steps, k, dtype=np.int64), chosen)
    for g, s, cell in case.cells():
        rows = [r for r in range(len(case.groups)) if case.groups[r] == g and case.present[r, s]]
        assert [r for r in rows if chosen[r, s]] == rows[:k]
        assert len(rows) == len(cell)
