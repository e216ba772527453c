"""What a rule needs to be evaluated, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vedette.algebra.table import LabelTable
from vedette.metrics.contract import Float64s
from vedette.model.labels import Labels


class RuleError(Exception):
    """An evaluation that gave nothing. `str()` is the rule's `lastError`."""


@dataclass(frozen=True, slots=True)
class Vector:
    """Labelled values of one moment: row `i` of `table` has ``values[i]``."""

    table: LabelTable
    values: Float64s  # [rows]

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def empty(cls, table: LabelTable) -> Vector:
        return cls(table.take(slice(0, 0)), np.zeros(0))


# Asks an expression at a time (milliseconds); raises `RuleError`. A scalar answer is one row without labels.
Query = Callable[[str, int], Vector]


class Expander(Protocol):
    """Fills a template of an alert's label or annotation. Never raises: what fails becomes text that says so."""

    def __call__(
        self, text: str, *, rule: str, labels: Labels, value: float, now: int, query: Query
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """One evaluation of one group."""

    now: int  # the group's slot, milliseconds
    offset: int  # how far back queries look, and what they give is written
    limit: int  # most results of a rule; 0 for any number
    query: Query
    expand: Expander

    @property
    def sample_time(self) -> int:
        return self.now - self.offset
