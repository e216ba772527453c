from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .columns import near, numbers, same
from .twins import Answers, check_cells


@given(
    st.integers(0, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 3), min_size=width, max_size=width).map(tuple), max_size=60
        ).map(lambda rows: (width, rows))
    )
)
def test_equal_rows_get_one_number(case: tuple[int, list[tuple[int, ...]]]) -> None:
    width, rows = case
    columns = np.ascontiguousarray(np.array(rows, dtype=np.int32).reshape(len(rows), width).T)
    answers = Answers(
        "group_rows",
        "group",
        columns.reshape(width, len(rows)),
        groups=np.zeros(len(rows), np.int64),
        firsts=np.zeros(len(rows), np.int64),
    )
    answers.check("groups")
    assert (answers.kernel["firsts"] == answers.twin["firsts"])[: answers.want].all()
    assert answers.want == len(set(rows))


class Case:
    def __init__(self, values: np.ndarray, present: np.ndarray, groups: np.ndarray, count: int) -> None:
        self.values, self.present, self.groups, self.count = values, present, groups, count
        self.steps = values.shape[1]

    def zeros(self) -> np.ndarray:
        return np.zeros((self.count, self.steps))

    def bits(self) -> np.ndarray:
        return np.zeros((self.count, self.steps), dtype=np.uint8)

    def members(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.groups, kind="stable").astype(np.int64)
        sizes = np.bincount(self.groups, minlength=self.count)
        return order, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.values, self.present, self.groups

    def add(self, function: str, *more: object, **state: np.ndarray) -> Answers:
        """The state after all rows in two batches."""
        half = len(self.values) // 2
        first, second = slice(None, half), slice(half, None)
        arrays = self.rows() if function != "add_count" else self.rows()[1:]
        answers = Answers("group_reduce", function, *(a[first].copy() for a in arrays), *more, **state)
        answers.ask(*(a[second].copy() for a in arrays), *more)
        return answers


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


def total(state: dict[str, np.ndarray]) -> np.ndarray:
    with np.errstate(all="ignore"):
        return state["totals"] + state["lost"]


@given(cases())
def test_sum(case: Case) -> None:
    answers = case.add("add_sum", totals=case.zeros(), lost=case.zeros(), counts=case.zeros())
    answers.check("counts")
    check_cells(total(answers.kernel), total(answers.twin), near, "sum")


def average(state: dict[str, np.ndarray]) -> np.ndarray:
    with np.errstate(all="ignore"):
        mean = state["totals"] / state["counts"] + state["lost"] / state["counts"]
        return np.where(state["running"], state["totals"] + state["lost"], mean)


@given(cases(st.one_of(numbers, st.sampled_from([1e308, -1e308, 1.7e308]))))
def test_average(case: Case) -> None:
    answers = case.add(
        "add_avg", totals=case.zeros(), lost=case.zeros(), counts=case.zeros(), running=case.bits()
    )
    answers.check("counts", "running")
    check_cells(average(answers.kernel), average(answers.twin), near, "average")


@given(cases(st.floats(-1e6, 1e6)))
def test_average_is_the_mean(case: Case) -> None:
    answers = case.add(
        "add_avg", totals=case.zeros(), lost=case.zeros(), counts=case.zeros(), running=case.bits()
    )
    got = average(answers.kernel)
    for g in range(case.count):
        for s in range(case.steps):
            cell = case.values[(case.groups == g) & (case.present[:, s] == 1), s].tolist()
            assert not cell or near(got[g, s], math.fsum(cell) / len(cell))


@given(cases())
def test_count(case: Case) -> None:
    case.add("add_count", counts=case.zeros()).check("counts")


@pytest.mark.parametrize("greatest", [False, True])
@given(case=cases())
def test_extremes(greatest: bool, case: Case) -> None:
    answers = case.add("add_extreme", greatest, best=case.zeros(), counts=case.zeros())
    answers.check("best", "counts")


def variance(state: dict[str, np.ndarray]) -> np.ndarray:
    with np.errstate(all="ignore"):
        return (state["squares"] + state["squares_lost"]) / state["counts"]


@given(cases(st.one_of(st.floats(-1e4, 1e4), st.sampled_from([math.inf, math.nan]))))
def test_variance(case: Case) -> None:
    names = ("means", "means_lost", "squares", "squares_lost", "counts")
    answers = case.add("add_variance", **{name: case.zeros() for name in names})
    answers.check("counts")
    check_cells(
        variance(answers.kernel),
        variance(answers.twin),
        lambda a, b: same(a, b) or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-4),
        "variance",
    )


@pytest.mark.parametrize("greatest", [False, True])
@given(case=cases(), k=st.lists(st.integers(-1, 9), min_size=4, max_size=4))
def test_top(greatest: bool, case: Case, k: list[int]) -> None:
    Answers(
        "group_reduce",
        "top",
        case.values,
        case.present,
        *case.members(),
        np.array(k[: case.steps], dtype=np.int64),
        greatest,
        chosen=np.zeros(case.present.shape, dtype=np.uint8),
    ).check("chosen")


@given(case=cases(), q=st.sampled_from([-1.0, 0.0, 0.3, 0.5, 1.0, 1.5, math.nan]))
def test_quantile(case: Case, q: float) -> None:
    answers = Answers(
        "group_reduce",
        "quantile",
        case.values,
        case.present,
        *case.members(),
        np.full(case.steps, q),
        out=case.zeros(),
        reached=case.bits(),
    )
    answers.check("reached", out=near)


@given(case=cases(), k=st.lists(st.integers(-1, 9), min_size=4, max_size=4))
def test_limit(case: Case, k: list[int]) -> None:
    Answers(
        "group_reduce",
        "limit",
        case.present,
        *case.members(),
        np.array(k[: case.steps], dtype=np.int64),
        chosen=np.zeros(case.present.shape, dtype=np.uint8),
    ).check("chosen")
