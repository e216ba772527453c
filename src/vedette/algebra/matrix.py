"""Labelled values over time: the currency of every query language once samples are in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import LabelTable

Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]


_IS_OBJECT = np.frompyfunc(lambda x: x is not None, 1, 1)


def is_object(cells: Objects) -> Bools:
    """Where something other than None stands; same shape."""
    there: Bools = _IS_OBJECT(cells).astype(np.bool_)
    return there


@dataclass(slots=True)
class Matrix:
    """A value, or nothing, for every series (row) at every step (column).

    Presence is explicit, so that a NaN that was measured differs from a gap. Arrays are C-contiguous and are not
    written to once the matrix has been handed on.
    """

    table: LabelTable
    values: Float64s  # [rows, steps], undefined where not present
    present: Bools  # [rows, steps]
    histograms: Objects | None = (
        None  # [rows, steps], None where a float or nothing stands; None: floats only
    )
    unnamed: Bools | None = None  # [rows], series whose metric name goes away at the end; None: no series

    @property
    def rows(self) -> int:
        return self.table.rows

    @property
    def steps(self) -> int:
        return int(self.values.shape[1])

    @classmethod
    def empty(cls, table: LabelTable, steps: int) -> Matrix:
        return cls(table.take(slice(0, 0)), np.zeros((0, steps)), np.zeros((0, steps), dtype=np.bool_))

    def take(self, rows: Rows | slice) -> Matrix:
        return Matrix(
            self.table.take(rows),
            self.values[rows],
            self.present[rows],
            None if self.histograms is None else self.histograms[rows],
            None if self.unnamed is None else self.unnamed[rows],
        )

    def compact(self) -> Matrix:
        """Without the rows that are never present."""
        used = self.present.any(axis=1)
        if used.all():
            return self
        return self.take(np.flatnonzero(used))

    def relabelled(self, table: LabelTable) -> Matrix:
        return replace(self, table=table)

    def masked(self, present: Bools) -> Matrix:
        return replace(self, present=present)

    def floats_present(self) -> Bools:
        """Where a float stands."""
        return self.present if self.histograms is None else self.present & ~self.histograms_present()

    def histograms_present(self) -> Bools:
        """Where a histogram stands."""
        if self.histograms is None:
            return np.zeros_like(self.present)
        return self.present & is_object(self.histograms)

    def unnamed_rows(self) -> Bools:
        return np.zeros(self.rows, dtype=np.bool_) if self.unnamed is None else self.unnamed

    def samples(self) -> int:
        return int(np.count_nonzero(self.present))


def concat(parts: Sequence[Matrix]) -> Matrix:
    """The rows of all parts one after another; same steps and symbols."""
    if len(parts) == 1:
        return parts[0]
    histograms: Any = None
    if any(p.histograms is not None for p in parts):
        histograms = np.concatenate(
            [
                np.full(p.values.shape, None, dtype=object) if p.histograms is None else p.histograms
                for p in parts
            ]
        )
    unnamed = None
    if any(p.unnamed is not None for p in parts):
        unnamed = np.concatenate([p.unnamed_rows() for p in parts])
    return Matrix(
        LabelTable.concat([p.table for p in parts]),
        np.concatenate([p.values for p in parts]),
        np.concatenate([p.present for p in parts]),
        histograms,
        unnamed,
    )
