"""Equivalent forms of a question: they say the same, and find an engine that does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import vedette.cli.test
from vedette.cli.main import app
from vedette.kernels import plain
from vedette.kernels.plain import window_reduce as plain_reduce
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.run import context, select
from vedette.metrics.promql.script.commands import Question, parse_script
from vedette.metrics.promql.script.forms import Asking, Form, equivalents
from vedette.metrics.promql.script.rewrite import freeze, pin, shift
from vedette.metrics.promql.script.run import Outcome, run_script
from vedette.metrics.promql.script.setups import (
    ALL_FORMS,
    Asked,
    choose,
    everything,
    read_batch_rows,
    read_forms,
)
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse

assert vedette.cli.test.test

LOAD = 'load 1m\n  m{a="1"} 0+1x20\n  m{a="2"} 0+2x20\n  m{a="3"} 0+3x20\n\n'


def ask(script: str, how: Asked | None = None) -> Outcome:
    return run_script(LOAD + script, how=how or Asked(ALL_FORMS))


def forms(text: str) -> list[Asking]:
    (question,) = parse_script(text)
    assert isinstance(question, Question)
    return list(equivalents(question, ALL_FEATURES, ALL_FORMS))


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("m[step()]", "m[1m]"),
        ("m @ start() + m @ end()", "m @ 0.000 + m @ 600.000"),
        ("m offset -(range() / 2)", "m offset -5m"),
        (
            "sum_over_time(m[5m:step()] @ end() offset (2 * step()))",
            "sum_over_time(m[5m:1m] @ 600.000 offset 2m)",
        ),
        ("max_over_time((m @ start())[5m:])", "max_over_time((m @ 0.000)[5m:])"),
        ("m * range()", "m * (600)"),
        ("topk(step() / 60, m)", "topk((60) / 60, m)"),
    ],
)
def test_what_speaks_of_the_query_becomes_a_number(query: str, want: str) -> None:
    assert str(freeze(parse(query, ALL_FEATURES), 0, 600_000, 60_000)) == want


@pytest.mark.parametrize(
    ("query", "pinned", "shifted"),
    [
        ("m", "m @ 60.000", "m offset 5m"),
        ("rate(m[5m] offset 1m)", "rate(m[5m] @ 60.000 offset 1m)", "rate(m[5m] offset 6m)"),
        ("m offset -5m", "m @ 60.000 offset -5m", "m offset 0s"),
        ("m @ 10", "m @ 10.000", "m @ 10.000"),
        ("sum_over_time(m[5m:1m])", "sum_over_time(m[5m:1m] @ 60.000)", "sum_over_time(m[5m:1m] offset 5m)"),
        ("sum_over_time(m[5m:1m] @ 3)", "sum_over_time(m[5m:1m] @ 3.000)", "sum_over_time(m[5m:1m] @ 3.000)"),
        ('info(m, {b="1"})', 'info(m @ 60.000, {b="1"})', 'info(m offset 5m, {b="1"})'),
        (
            "topk(scalar(m), -(m))",
            "topk(scalar(m @ 60.000), -(m @ 60.000))",
            "topk(scalar(m offset 5m), -(m offset 5m))",
        ),
    ],
)
def test_sources_are_pinned_and_shifted(query: str, pinned: str, shifted: str) -> None:
    expr = parse(query, ALL_FEATURES)
    assert str(pin(expr, 60_000)) == pinned
    assert str(shift(expr, 300_000)) == shifted


def count(askings: list[Asking]) -> dict[Form, int]:
    return dict(Counter(asking.form for asking in askings))


def test_forms_of_an_instant() -> None:
    assert count(forms("eval instant at 5m m")) == {Form.IN_RANGE: 1, Form.PINNED: 6, Form.SHIFTED: 2}


def test_forms_of_a_range() -> None:
    askings = forms("eval range from 0 to 5m step 1m m")
    assert count(askings) == {Form.SHIFTED: 1, Form.STEPWISE: 8}
    assert askings[-1].steps == ((0, 0), (1, 2), (2, 4), (3, 6), (4, 8), (5, 10))
    assert askings[-2].steps == ((1, 0), (2, 1), (3, 2), (4, 3))


def test_steps_that_decide_on_names_for_others_are_not_told_apart() -> None:
    assert count(forms("eval range from 0 to 5m step 1m -m or m")) == {Form.SHIFTED: 1}


def test_what_depends_on_the_time_is_neither_pinned_nor_shifted() -> None:
    assert count(forms("eval instant at 5m m + time()")) == {Form.IN_RANGE: 1}


def test_matchers_whose_order_counts_are_not_printed() -> None:
    assert count(forms('eval instant at 5m absent(m{b="1", a="1", b!="2"})')) == {Form.IN_RANGE: 1}
    assert Form.PINNED in count(forms('eval instant at 5m absent(m{a="1", b="1"})'))


def test_a_range_vector_has_no_range() -> None:
    assert count(forms("eval instant at 5m m[1m]")) == {Form.PINNED: 5, Form.SHIFTED: 1}


def test_strings_and_what_is_no_query_have_no_forms() -> None:
    assert not forms('eval instant at 5m "m"')
    assert not forms("eval_fail instant at 5m m +")
    assert not forms("eval_fail instant at 5m m[0m]")


QUESTIONS = """eval instant at 10m sum by (a) (increase(m[5m])) > 5
  {a="2"} 10
  {a="3"} 15

eval instant at 10m m @ start() + on (a) m @ end()
  {a="1"} 20
  {a="2"} 40
  {a="3"} 60

eval range from 0 to 10m step 5m max_over_time(m[2m]) + step()
  {a="1"} 300 305 310
  {a="2"} 300 310 320
  {a="3"} 300 315 330

eval range from 0 to 10m step 5m topk(1, m)
  m{a="1"} 0
  m{a="3"} _ 15 30

eval instant at 10m label_replace(m, "b", "x$1", "a", "(3)") == 30
  expect no_warn
  m{a="3", b="x3"} 30

eval instant at 10m quantile(2, m)
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)
  {} Inf

eval instant at 10m m + on () m
  expect fail regex: found duplicate series

eval instant at 10m m{a="1"}[2m]
  expect range vector from 9m to 10m step 1m
  m{a="1"} 9 10
"""


def test_right_answers_are_right_in_all_forms() -> None:
    outcome = ask(QUESTIONS, everything())
    assert not outcome.failures, "\n".join(map(str, outcome.failures))
    assert outcome.passed == 8
    assert outcome.asked["plain kernels"] == outcome.asked["batches of 1, on all cores"] > 8
    assert set(outcome.asked) > {form.value for form in Form}


def test_an_engine_that_reads_one_batch_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = select._instant

    def wrong(*args: Any, **more: Any) -> Any:
        matrix = real(*args, **more)
        return (
            matrix.relabelled(matrix.table)
            if matrix.rows != 2
            else matrix.masked(np.zeros_like(matrix.present))
        )

    monkeypatch.setattr(select, "_instant", wrong)
    outcome = ask("eval instant at 10m sum(m)\n  {} 60\n", choose(frozenset(), batch_rows=(3, 2, 1)))
    (failure,) = outcome.failures
    assert [w.form for w in failure.wrong] == ["batches of 2"]
    assert outcome.wrong() == {"batches of 2": 1}


def test_threads_that_mix_batches_up_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = context.Context.in_batches

    def wrong(self: context.Context, *args: Any) -> Any:
        parts = list(real(self, *args))
        return iter(parts[::-1] if self.batching.threads_from == 0 else parts)

    monkeypatch.setattr(context.Context, "in_batches", wrong)
    script = 'eval instant at 10m sum by (a) (m)\n  {a="1"} 10\n  {a="2"} 20\n  {a="3"} 30\n'
    outcome = ask(script, choose(frozenset(), batch_rows=(1,), threads=(False, True)))
    assert outcome.wrong() == {"batches of 1, on all cores": 1}


def test_a_kernel_that_differs_from_its_twin_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*args: Any) -> None:
        real(*args)
        args[-2][...] += 1

    real = plain_reduce.run
    monkeypatch.setattr(plain_reduce, "run", wrong)
    monkeypatch.setattr(wrong, "__module__", plain_reduce.__name__, raising=False)
    script = 'eval instant at 10m avg_over_time(m{a="1"}[3m])\n  {a="1"} 9\n'
    outcome = ask(script, choose(plain_kernels=(False, True)))
    assert set(outcome.wrong()) == {"plain kernels"}
    assert plain.kernel("window_reduce").run is not wrong


def test_an_engine_that_forgets_offsets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Engine.instant

    def wrong(self: Engine, query: str, time_ms: int) -> Any:
        return real(self, query.replace(" offset", " + 0 * m offset"), time_ms)

    monkeypatch.setattr(Engine, "instant", wrong)
    outcome = ask('eval instant at 10m m{a="3"}\n  m{a="3"} 30\n')
    assert outcome.wrong() == {"shifted": 1}
    assert "shifted by 7m13s1ms" in str(outcome.failures[0])


def test_an_engine_whose_steps_depend_on_each_other_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Engine.range

    def wrong(self: Engine, query: str, start: int, end: int, step: int) -> Any:
        result = real(self, query, start, end, step)
        result.values += start / 1000
        return result

    monkeypatch.setattr(Engine, "range", wrong)
    outcome = ask(
        'eval range from 0 to 4m step 1m m{a="1"}\n  m{a="1"} 0 1 2 3 4\n', Asked(frozenset((Form.STEPWISE,)))
    )
    assert "stepwise without its ends" in str(outcome.failures[0])


def test_a_question_that_is_wrong_as_it_stands_is_asked_no_further() -> None:
    outcome = ask("eval instant at 10m sum(m)\n  {} 61\n", everything())
    (failure,) = outcome.failures
    assert [w.form for w in failure.wrong] == [""]
    assert outcome.asked == {"as it stands": 1}


def test_names_of_forms() -> None:
    assert read_forms("all") == ALL_FORMS
    assert read_forms("none") == frozenset()
    assert read_forms("pinned, stepwise") == {Form.PINNED, Form.STEPWISE}
    with pytest.raises(ValueError, match="'pined' is no form: there are in-range, pinned, shifted, stepwise"):
        read_forms("pined")
    assert read_batch_rows("1, 7") == (1, 7)
    for text in ("0", "1,", "-1", "many"):
        with pytest.raises(ValueError, match="no number of rows"):
            read_batch_rows(text)


def test_flags_make_every_combination() -> None:
    names = [
        setup.name for setup in choose(batch_rows=(1, 2), threads=(True,), plain_kernels=(False, True)).setups
    ]
    assert names == [
        "batches of 1, on all cores",
        "batches of 2, on all cores",
        "plain kernels, batches of 1, on all cores",
        "plain kernels, batches of 2, on all cores",
    ]
    assert [setup.name for setup in choose().setups] == [""]


def test_the_command(tmp_path: Path) -> None:
    good, bad, broken = tmp_path / "good.test", tmp_path / "bad.test", tmp_path / "broken.test"
    good.write_text("eval instant at 0 1 + 1\n  2\n")
    bad.write_text("# wrong\neval instant at 0 1 + 1\n  3\n")
    broken.write_text("load 5m\n  m 1\n  m one\n")
    run = CliRunner().invoke(app, ["test", "promql", str(good)])
    assert (run.exit_code, run.output.splitlines()[-1]) == (0, "1 passed, 0 failed")
    run = CliRunner().invoke(app, ["test", "promql", str(good), str(bad), str(broken)])
    assert run.exit_code == 1
    lines = run.output.splitlines()
    at = lines.index(f"  {bad}:2: 1 + 1")
    assert lines[at + 1] == "    {}: expected 3, got 2"
    assert f"{broken}:3: m one: not a value: 'one'" in lines
    assert lines[-2:] == ["wrong by form: as it stands 1", "1 passed, 2 failed"]


def test_the_command_asks_in_all_forms(tmp_path: Path) -> None:
    script = tmp_path / "one.test"
    script.write_text(LOAD + QUESTIONS)
    run = CliRunner().invoke(app, ["test", "promql", "--forms", "all", "-v", str(script)])
    assert run.exit_code == 0, run.output
    assert "plain kernels: 12 asked, 0 wrong" in run.output
    assert "batches of 3, on all cores: 12 asked, 0 wrong" in run.output
    run = CliRunner().invoke(
        app, ["test", "promql", "--forms", "none", "--kernels", "plain", "-v", str(script)]
    )
    assert "plain kernels: 8 asked, 0 wrong" in run.output
    run = CliRunner().invoke(app, ["test", "promql", "--forms", "sideways", str(script)])
    assert run.exit_code == 2
