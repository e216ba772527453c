"""Random PromQL, answered by our engine and by another: Debian's Prometheus or the plain twin."""

from __future__ import annotations

import shutil

import pytest

from differential.promql_fuzz.data import Series
from differential.promql_fuzz.judge import Class
from differential.promql_fuzz.question import Answer, Question
from differential.promql_fuzz.run import Summary, campaign, shrunk
from differential.promql_fuzz.script import as_script
from differential.promql_fuzz.shrink import shrink
from vedette.metrics.promql.script.run import run_script
from vedette.model.histogram import FloatHistogram

TWIN_ONLY = (Class.MODERN, Class.DELAYED, Class.NATIVE, Class.NATIVE_DELAYED)


def explained(summary: Summary) -> str:
    cases = [f"{case.reason}\n{shrunk(seed, case)}" for seed, case in summary.different[:3]]
    return "\n".join([str(summary), *cases])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_twin_says_the_same(seed: int) -> None:
    summary = campaign(seed, 150, classes=TWIN_ONLY)
    assert not summary.different, explained(summary)
    # Most questions are about something.
    assert summary.refused < 15
    assert summary.empty < 90


@pytest.mark.slow
@pytest.mark.differential
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's prometheus is not installed")
def test_the_original_says_the_same() -> None:
    summary = campaign(3, 2000)
    assert not summary.different, explained(summary)
    assert summary.classes[Class.COMMON] >= 700


def test_a_difference_shrinks_to_what_makes_it() -> None:
    series = [
        Series({"__name__": f"m{i}", "job": "x"}, [(t * 1000, float(t)) for t in range(20)]) for i in range(5)
    ]

    def differs(question: Question, some: list[Series]) -> bool:
        return "m3" in question.query and any(
            s.labels["__name__"] == "m3" and any(v == 7 for _, v in s.samples) for s in some
        )

    asked = Question(
        'sum by (job) (rate(m1[5m]) + on (job) abs(m3{job="x"} offset 1m))', 10_000, 60_000, 10_000
    )
    question, few = shrink(asked, series, differs)
    assert question == Question("m3", 10_000, 10_000, 0)
    assert [(s.labels["__name__"], s.samples) for s in few] == [("m3", [(7000, 7.0)])]


def test_a_shrunk_case_is_a_script_that_runs() -> None:
    histogram = FloatHistogram(1, 3.0, 2.0, 0.1, 1.0, {2: 1.0, 4: 1.0})
    series = [
        Series({"__name__": "m", "a": 'q"'}, [(1500, 1.0), (2500, 2.0), (5500, float("inf"))]),
        Series({"__name__": "h"}, [(2500, histogram)]),
    ]
    floats = Answer("matrix", [((("__name__", "m"), ("a", 'q"')), [(2500, 2.0), (4500, 2.0)])])
    script = as_script(Question("m", 2500, 4500, 2000), series, floats)
    assert "_x2" in script
    both = (
        script
        + "\n"
        + as_script(
            Question("h", 2500, 2500, 0),
            series,
            Answer("vector", [((("__name__", "h"),), [(2500, histogram)])]),
        )
    )
    outcome = run_script(both)
    assert (outcome.passed, outcome.failures) == (2, [])
