"""A campaign: data set after data set, class after class, until the questions are asked."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vedette.metrics.contract import Storage

from .data import Series, make_data
from .judge import Case, Class, Judge, Verdict, questions
from .original import Original, original
from .question import Question
from .script import as_script
from .shrink import shrink
from .stores import on_disk

# How many questions are asked about one data set in each class: shares of all, the original's share the largest.
SHARES = {
    Class.COMMON: 400,
    Class.MODERN: 240,
    Class.DELAYED: 160,
    Class.NATIVE: 120,
    Class.NATIVE_DELAYED: 80,
}


@dataclass(slots=True)
class Summary:
    seconds: float = 0.0
    asked: int = 0
    refused: int = 0
    empty: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    classes: Counter[Class] = field(default_factory=Counter)
    different: list[tuple[int, Case]] = field(default_factory=list)  # with the seed of the data

    def add(self, seed: int, case: Case) -> None:
        self.asked += 1
        self.refused += case.refused
        self.empty += case.empty and not case.refused
        self.verdicts[case.verdict] += 1
        self.classes[case.kind] += 1
        if case.verdict is Verdict.DIFFERENT:
            self.different.append((seed, case))

    def __str__(self) -> str:
        lines = [f"{self.asked:,} queries in {self.seconds:.0f} s"]
        lines += [f"  {self.classes[kind]:>7,}  {kind.value}" for kind in Class if self.classes[kind]]
        lines += [
            f"  {self.verdicts[v]:>7,}  {v.value}"
            for v in Verdict
            if self.verdicts[v] or v is Verdict.DIFFERENT
        ]
        lines.append(f"  {self.refused:>7,}  refused by both, {self.empty:,} answered by nothing")
        return "\n".join(lines)


def campaign(
    seed: int,
    count: int,
    *,
    classes: Sequence[Class] = tuple(Class),
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Asks `count` queries. Common ones go to Debian's Prometheus where it is installed, else to the twin."""
    summary = Summary()
    began = time.monotonic()
    shares = {kind: SHARES[kind] for kind in classes}
    number = seed * 1000
    while summary.asked < count:
        left = min(1.0, (count - summary.asked) / sum(shares.values()))
        for kind, share in shares.items():
            data = make_data(number, native=kind.native)
            asked = questions(data, kind, number, max(1, round(share * left)))
            with _original(kind, data.series) as oracle, _store(kind, data.series) as store:
                for case in Judge(data.series, kind, store).judge_all(asked, oracle):
                    summary.add(number, case)
            summary.seconds = time.monotonic() - began
            progress(summary)
        number += 1
    return summary


def _original(kind: Class, series: Sequence[Series]) -> contextlib.AbstractContextManager[Original | None]:
    if kind is Class.COMMON and shutil.which("prometheus"):
        return original(series)
    return contextlib.nullcontext()


def _store(kind: Class, series: Sequence[Series]) -> contextlib.AbstractContextManager[Storage | None]:
    """Common questions are about what the real store gives back, the others about what memory does."""
    return on_disk(series) if kind is Class.COMMON else contextlib.nullcontext()


def shrunk(seed: int, case: Case) -> str:
    """The smallest script about which ours and the twin still differ; the question itself when they agree."""
    kind = case.kind
    series = make_data(seed, native=kind.native).series

    def differs(question: Question, some: Sequence[Series]) -> bool:
        return Judge(some, kind).judge(question).verdict is Verdict.DIFFERENT

    if not differs(case.question, series):
        return f"# ours and the twin agree, the original does not\n{case.question}\n"
    question, few = shrink(case.question, series, differs)
    judge = Judge(few, kind)
    reason = judge.judge(question).reason
    return f"# {reason}\n{as_script(question, few, judge.twin.ask(question))}"
