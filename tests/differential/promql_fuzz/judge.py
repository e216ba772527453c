"""Who answers a question, and what follows from their answers.

- A *common* question means the same in 2.42 and in 3.x: our answer must be that of Debian's Prometheus. Where it is not,
  the difference is a change between releases if the plain twin, told to answer as 2.42 did, gives the original's
  answer, and else ours; anything else is a fault.
- A *modern* question uses what 2.42 does not know (or asks about edges of windows): our answer, notes included, must
  be the plain twin's.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass

from vedette.metrics.contract import Storage
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, EXPERIMENTAL_FUNCTIONS

from .compare import difference
from .data import BASE, SPAN, DataSet, Series
from .grammar import Grammar
from .original import Original
from .ours import Ours
from .question import Answer, Question
from .stores import in_memory
from .twin import DELAYED, Twin

FLOAT_TOLERANCE = 1e-9
RETRIES = 6
CHOOSERS = ("topk", "bottomk", "limitk")
NATIVE_TOLERANCE = 1e-6  # variances of histograms lose digits


class Class(enum.Enum):
    """Kinds of questions. The value says what they are about."""

    COMMON = "what 2.42 and 3.x both know"
    MODERN = "the whole language"
    DELAYED = "the whole language, names removed at the end"
    NATIVE = "native histograms"
    NATIVE_DELAYED = "native histograms, names removed at the end"

    @property
    def native(self) -> bool:
        return self in (Class.NATIVE, Class.NATIVE_DELAYED)

    @property
    def features(self) -> frozenset[str]:
        if self is Class.COMMON:
            # For double_exponential_smoothing, which had another name.
            return frozenset((EXPERIMENTAL_FUNCTIONS,))
        delayed = self in (Class.DELAYED, Class.NATIVE_DELAYED)
        return ALL_FEATURES if delayed else ALL_FEATURES - {DELAYED}


class Verdict(enum.Enum):
    EQUAL_TO_ORIGINAL = "equal to the original's"
    CHANGED = "changed since 2.42, both as the twin says"
    EQUAL_TO_TWIN = "equal to the twin's"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Case:
    """One judged question."""

    question: Question
    kind: Class
    verdict: Verdict
    refused: bool
    empty: bool
    reason: str = ""


def questions(data: DataSet, kind: Class, seed: int, count: int) -> list[Question]:
    """The same arguments give the same questions."""
    rng = random.Random(f"{kind.name} {seed}")
    common = kind is Class.COMMON
    grammar = Grammar(rng, data, modern=not common, native=kind.native)
    # Between samples, or right on them.
    phases = [250] if common else [250, 500, 0]
    out = []
    for _ in range(count):
        start = BASE + rng.randrange(-60, SPAN // 1000 + 200) * 1000 + rng.choice(phases)
        if rng.random() < 0.5:
            out.append(Question(grammar.instant_query(), start, start, 0))
            continue
        step = rng.choice([7, 15, 30, 60, 60, 300]) * 1000
        end = start + step * rng.randint(1, 12) + rng.choice([0, 2000])
        out.append(Question(grammar.query(), start, end, step))
    return out


class Judge:
    """Judges questions of one class about some series, which our engine reads from `store`."""

    def __init__(self, series: Sequence[Series], kind: Class, store: Storage | None = None) -> None:
        self.kind = kind
        self.ordered = Ours(in_memory(series), kind.features)
        self.ours = Ours(store, kind.features) if store is not None else self.ordered
        self.twin = Twin(series, kind.features)
        self.old = Twin(series, kind.features, old=True)
        self.tolerance = NATIVE_TOLERANCE if kind.native else FLOAT_TOLERANCE

    def judge(self, question: Question, theirs: Answer | None = None) -> Case:
        # Which of equal values is chosen follows from the order of series, which blocks and head do not promise.
        ours = self.ordered if any(word in question.query for word in CHOOSERS) else self.ours
        mine = ours.ask(question)
        if self.kind is Class.COMMON and theirs is not None:
            verdict, reason = self._common(question, mine, theirs)
        else:
            reason = self._against_twin(question, mine) or ""
            verdict = Verdict.DIFFERENT if reason else Verdict.EQUAL_TO_TWIN
        return Case(question, self.kind, verdict, mine.error is not None, not mine.rows, reason)

    def judge_all(self, asked: Sequence[Question], original: Original | None) -> list[Case]:
        theirs: list[Answer | None] = [None] * len(asked)
        if original is not None:
            theirs = list(original.ask(asked))
        cases = [self.judge(q, a) for q, a in zip(asked, theirs, strict=True)]
        for i, case in enumerate(cases):
            # The original's own answers vary in their last digits, and what hangs on those, with the order of its maps.
            for _ in range(RETRIES if original is not None else 0):
                if cases[i].verdict is not Verdict.DIFFERENT:
                    break
                cases[i] = self.judge(case.question, original.ask([case.question])[0])
        return cases

    def _against_twin(self, question: Question, mine: Answer) -> str | None:
        notes = self.kind is not Class.COMMON
        return difference(question, mine, self.twin.ask(question), tolerance=self.tolerance, notes=notes)

    def _common(self, question: Question, mine: Answer, theirs: Answer) -> tuple[Verdict, str]:
        against = difference(question, mine, theirs, tolerance=self.tolerance)
        if against is None:
            return Verdict.EQUAL_TO_ORIGINAL, ""
        explained = (
            difference(question, self.old.ask(question), theirs, tolerance=self.tolerance) is None
            and self._against_twin(question, mine) is None
        )
        return (Verdict.CHANGED, "") if explained else (Verdict.DIFFERENT, f"against the original: {against}")
