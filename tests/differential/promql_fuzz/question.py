"""One thing to ask, and what came back, in a form in which answers can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from vedette.model.histogram import FloatHistogram

Value = float | FloatHistogram
LabelSet = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A query at `start`, or over ``start, start + step ... end`` when `step` is not 0. Times in milliseconds."""

    query: str
    start: int
    end: int
    step: int

    def __str__(self) -> str:
        when = f"at {self.start}" if not self.step else f"from {self.start} to {self.end} step {self.step}"
        return f"{self.query}  [{when}]"


@dataclass(slots=True)
class Answer:
    """`rows` in the order of the answer; an instant vector's rows have one point each. `error` when it was refused."""

    kind: str = ""
    rows: list[tuple[LabelSet, list[tuple[int, Value]]]] = field(default_factory=list)
    text: str = ""
    error: str | None = None
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()

    def sorted_rows(self) -> list[tuple[LabelSet, list[tuple[int, Value]]]]:
        return sorted(self.rows, key=lambda row: row[0])


def label_set(labels: dict[str, str]) -> LabelSet:
    return tuple(sorted(labels.items()))
