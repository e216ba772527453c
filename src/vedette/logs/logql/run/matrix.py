"""Results of metric queries: series by steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vedette.model.labels import Labels

Floats = npt.NDArray[np.float64]
Present = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """The times (ns) at which a query is evaluated: `start`, then every `step`; an instant query has one."""

    start: int
    step: int
    count: int

    @property
    def end(self) -> int:
        """The last time."""
        return self.start + self.step * (self.count - 1)

    def times(self) -> list[int]:
        return [self.start + self.step * i for i in range(self.count)]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``values[series, step]``, which count only where `present`. `ordered` keeps the order of rows (sort, topk)."""

    labels: Sequence[Labels]
    values: Floats
    present: Present
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def empty(cls, grid: Grid) -> Matrix:
        return cls([], np.zeros((0, grid.count)), np.zeros((0, grid.count), dtype=bool))

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> Matrix:
        picked = [self.labels[int(row)] for row in rows]
        index = np.asarray(rows, dtype=np.int64)
        return Matrix(picked, self.values[index], self.present[index], self.ordered)

    def without_empty_rows(self) -> Matrix:
        kept = np.flatnonzero(self.present.any(axis=1))
        return self if len(kept) == len(self) else self.take(kept)


@dataclass(frozen=True, slots=True)
class Scalar:
    value: float
