"""The equivalent forms of a question: other queries, or the same one among other steps, that must be answered alike."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.plan.build import TIME_DEPENDENT
from vedette.metrics.promql.script.commands import Question
from vedette.metrics.promql.script.rewrite import freeze, functions_of, operators_of, pin, shift
from vedette.metrics.promql.syntax.nodes import Expr, ValueType
from vedette.metrics.promql.syntax.parser import parse
from vedette.metrics.promql.syntax.types import type_of
from vedette.model.time import MINUTE, format_duration

# By how much questions are shifted: no multiple of any step.
SHIFT = 7 * MINUTE + 13_001
# So many steps of a range are asked one by one at most.
SINGLE_STEPS = 24
# A range is not asked at half its step when that makes more steps than this.
MAX_HALF_STEPS = 2_000
# Their labels come from the matchers in their order, and printing sorts matchers.
IN_ORDER = frozenset(("absent", "absent_over_time"))


class Form(enum.Enum):
    """A way of asking. The value is its name for people and on the command line."""

    AS_IT_STANDS = "as it stands"
    IN_RANGE = "in-range"  # an instant as the middle step of a range
    PINNED = "pinned"  # every selector of an instant fixed by `@`, asked at other times
    SHIFTED = "shifted"  # every selector read earlier by an `offset`, asked later
    STEPWISE = "stepwise"  # the steps of a range one by one, without its ends, and among twice as many


@dataclass(frozen=True, slots=True)
class Asking:
    """A query, when to ask it, and which of its columns are which steps of the question."""

    form: Form
    detail: str
    query: str
    start: int
    end: int
    step: int  # 0: an instant
    steps: tuple[tuple[int, int], ...]  # (step of the question, column of this answer)
    # An error elsewhere says nothing about the steps in question.
    may_fail: bool = False

    # Whether all steps of the question are asked and no others, so that warnings and infos are the same, too.
    whole: bool = False

    def __str__(self) -> str:
        return f"{self.form.value} {self.detail}".rstrip()


def as_it_stands(question: Question) -> Asking:
    steps = tuple((i, i) for i in range(question.steps))
    return Asking(
        Form.AS_IT_STANDS, "", question.query, question.start, question.end, question.step, steps, whole=True
    )


def equivalents(question: Question, features: frozenset[str], wanted: frozenset[Form]) -> Iterator[Asking]:
    """All forms of a question but the one it has."""
    try:
        expr = parse(question.query, features)
        frozen = freeze(expr, question.start, question.end, question.step)
    except QueryError:
        return
    kind = type_of(expr)
    if kind is ValueType.STRING:
        return
    functions = functions_of(frozen)
    # What these give depends on the evaluation time, whatever their arguments read.
    rewritable = not functions & TIME_DEPENDENT
    if functions & IN_ORDER and parse(str(frozen), features) != frozen:
        rewritable = False
    single = kind is ValueType.MATRIX
    query = question.query if frozen == expr else str(frozen)
    if question.step == 0:
        # A range may fail at another step, and then with another text.
        if Form.IN_RANGE in wanted and not single and not question.expect.fail:
            yield _around(question, query)
        if Form.PINNED in wanted and rewritable:
            yield from _pinned(question, frozen, single=single)
    if Form.SHIFTED in wanted and rewritable:
        yield from _shifted(question, frozen, single=single)
    # Whether a series that comes from either side of `or` keeps its name is decided by its first step.
    apart = question.step and "or" not in operators_of(frozen)
    if Form.STEPWISE in wanted and apart and not question.expect.fail:
        yield from _stepwise(question, query)


def _around(question: Question, query: str) -> Asking:
    start, end = question.start - MINUTE, question.start + MINUTE
    return Asking(Form.IN_RANGE, "", query, start, end, MINUTE, ((0, 1),))


def _pinned(question: Question, expr: Expr, *, single: bool) -> Iterator[Asking]:
    at = question.start
    query = str(pin(expr, at))
    # As far away as the original's runner goes, before and after, where no sample is near.
    others = (-10 * at, 0, at // 5, at, 10 * at) if at else (-1000, 0, 1000)
    for other in dict.fromkeys(others):
        yield Asking(
            Form.PINNED,
            f"and asked at {format_duration(other)}",
            query,
            other,
            other,
            0,
            ((0, 0),),
            whole=True,
        )
    if not single:
        start, end = at - MINUTE, at + MINUTE
        every = tuple((0, column) for column in range(3))
        yield Asking(Form.PINNED, "in a range", query, start, end, MINUTE, every)


def _shifted(question: Question, expr: Expr, *, single: bool) -> Iterator[Asking]:
    query = str(shift(expr, SHIFT))
    start, end = question.start + SHIFT, question.end + SHIFT
    detail = f"by {format_duration(SHIFT)}"
    steps = tuple((i, i) for i in range(question.steps))
    yield Asking(Form.SHIFTED, detail, query, start, end, question.step, steps, whole=True)
    if question.step == 0 and not single and not question.expect.fail:
        yield Asking(
            Form.SHIFTED, f"{detail}, in a range", query, start - MINUTE, end + MINUTE, MINUTE, ((0, 1),)
        )


def _stepwise(question: Question, query: str) -> Iterator[Asking]:
    count, start, step = question.steps, question.start, question.step
    apart = -(-count // SINGLE_STEPS)
    for i in sorted({*range(0, count, apart), count - 1}):
        at = start + i * step
        yield Asking(Form.STEPWISE, f"at {format_duration(at)} alone", query, at, at, 0, ((i, 0),))
    if count > 2:
        inner = tuple((i, i - 1) for i in range(1, count - 1))
        end = start + (count - 2) * step
        yield Asking(Form.STEPWISE, "without its ends", query, start + step, end, step, inner)
    if step % 2 == 0 and 1 < count <= MAX_HALF_STEPS // 2:
        doubled = tuple((i, 2 * i) for i in range(count))
        yield Asking(
            Form.STEPWISE, "at half the step", query, start, question.end, step // 2, doubled, may_fail=True
        )
