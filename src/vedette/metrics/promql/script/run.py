"""Runs scripts: each question once as it stands, and again in its equivalent forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.script.commands import Clear, Load, Question, parse_script
from vedette.metrics.promql.script.compare import (
    check_annotations,
    check_answer,
    check_failure,
    check_placeless_annotations,
    check_steps,
)
from vedette.metrics.promql.script.forms import Asking, Form, as_it_stands, equivalents
from vedette.metrics.promql.script.load import load
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.script.setups import Asked, Setup
from vedette.metrics.promql.syntax.parser import ALL_FEATURES

# Called with how many questions are done, of how many.
Progress = Callable[[int, int], None]
USUAL = Asked()


@dataclass(slots=True)
class Wrong:
    """One form of a question that was answered wrongly. The form is empty for the question as it stands."""

    form: str
    reason: str
    family: str  # what such failures are counted under

    def __str__(self) -> str:
        return f"{self.form}: {self.reason}" if self.form else self.reason


@dataclass(slots=True)
class Failure:
    line: int
    query: str
    wrong: list[Wrong]

    @property
    def reason(self) -> str:
        return "; ".join(map(str, self.wrong))

    def __str__(self) -> str:
        return f"line {self.line}: {self.query}: {self.reason}"


@dataclass(slots=True)
class Outcome:
    """What became of one script. A question passes when it is answered rightly in all its forms."""

    passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)  # by form

    def add(self, other: Outcome) -> None:
        self.passed += other.passed
        self.failures += other.failures
        self.asked += other.asked

    def wrong(self) -> Counter[str]:
        """How many answers were wrong, by form."""
        return Counter(wrong.family for failure in self.failures for wrong in failure.wrong)


def run_file(path: Path, how: Asked = USUAL, progress: Progress | None = None) -> Outcome:
    """Raises `ScriptError` for a script that can't be read, `OSError`."""
    return run_script(path.read_text(encoding="utf-8"), how=how, progress=progress)


def run_script(
    text: str,
    features: frozenset[str] = ALL_FEATURES,
    how: Asked = USUAL,
    progress: Progress | None = None,
) -> Outcome:
    """Raises `ScriptError`."""
    commands = parse_script(text)
    store = MemoryStorage()
    engines = [
        (setup, Engine(store, enable_features=features, batching=setup.batching)) for setup in how.setups
    ]
    outcome = Outcome()
    count = sum(isinstance(command, Question) for command in commands)
    for command in commands:
        match command:
            case Clear():
                store.clear()
            case Load():
                load(store, command)
            case Question():
                wrong = list(_ask(engines, command, how.forms, outcome.asked))
                if wrong:
                    outcome.failures.append(Failure(command.line, command.query, wrong))
                else:
                    outcome.passed += 1
                if progress is not None:
                    progress(outcome.passed + len(outcome.failures), count)
    return outcome


def _ask(
    engines: list[tuple[Setup, Engine]], question: Question, forms: frozenset[Form], asked: Counter[str]
) -> Iterator[Wrong]:
    """What is wrong with the answers. Forms of a question that is answered wrongly as it stands say nothing more."""
    plain = as_it_stands(question)
    for number, (setup, engine) in enumerate(engines):
        wanted = forms if number == 0 else frozenset((Form.IN_RANGE,)) & forms
        with setup.kernels():
            for asking in (plain, *equivalents(question, engine.features, wanted)):
                family = setup.name or asking.form.value
                asked[family] += 1
                reason = _answer(engine, question, asking)
                if reason is None:
                    continue
                words = [setup.name, "" if asking is plain else str(asking)]
                yield Wrong(", ".join(filter(None, words)), reason, family)
                if asking is plain:
                    if number == 0:
                        return
                    break


def _answer(engine: Engine, question: Question, asking: Asking) -> str | None:
    """What is wrong with the answer to a form of a question, or None."""
    expect = question.expect
    try:
        if asking.step:
            result = engine.range(asking.query, asking.start, asking.end, asking.step)
        else:
            result = engine.instant(asking.query, asking.start)
    except QueryError as error:
        return None if asking.may_fail else check_failure(expect, str(error))
    except (RecursionError, MemoryError):
        return "the evaluation ran out of stack or memory"
    if expect.fail:
        return f"expected failure {' or '.join(map(str, expect.fail))}, got an answer"
    if asking.form is Form.AS_IT_STANDS:
        return check_annotations(expect, result) or check_answer(question, result)
    wrong = check_placeless_annotations(expect, result) if asking.whole else None
    if result.samples is not None:
        return wrong or check_answer(question, result)
    return wrong or check_steps(question, result, asking.steps)
