"""Grouping and joining rows by their labels: integer work on columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import LabelTable

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """`of_row[r]` is the group of row r, numbered in order of first appearance; `table` has one row a group."""

    of_row: Rows
    table: LabelTable

    @property
    def count(self) -> int:
        return self.table.rows

    def members(self) -> tuple[Rows, Rows]:
        """``(order, bounds)``: rows of group g are ``order[bounds[g]:bounds[g + 1]]``, in row order."""
        order = np.argsort(self.of_row, kind="stable").astype(np.int64)
        sizes = np.bincount(self.of_row, minlength=self.count)
        bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes, dtype=np.int64)])
        return order, bounds


def key_table(table: LabelTable, names: Sequence[str], *, without: bool) -> LabelTable:
    """Only the columns that tell groups apart: `names`, or all but `names`."""
    return table.drop(names) if without else table.keep(names)


def group_by(table: LabelTable, names: Sequence[str], *, without: bool) -> Groups:
    keys = key_table(table, names, without=without)
    of_row, firsts = keys.group()
    return Groups(of_row, keys.take(firsts))


def match_rows(
    left: LabelTable, right: LabelTable, names: Sequence[str], *, on: bool
) -> tuple[Rows, Rows, int]:
    """Numbers the join keys of two tables alike: ``(left groups, right groups, how many groups)``."""
    keys = LabelTable.concat(
        [key_table(left, names, without=not on), key_table(right, names, without=not on)]
    )
    of_row, firsts = keys.group()
    return of_row[: left.rows], of_row[left.rows :], len(firsts)


def pairs(left: Rows, right: Rows, groups: int) -> tuple[Rows, Rows]:
    """Every pair of a left and a right row of the same group: ``(left rows, right rows)``, by left row."""
    order = np.argsort(right, kind="stable")
    sizes = np.bincount(right, minlength=groups)
    begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    partners = sizes[left]
    left_rows = np.repeat(np.arange(len(left), dtype=np.int64), partners)
    within = np.arange(len(left_rows), dtype=np.int64) - np.repeat(np.cumsum(partners) - partners, partners)
    right_rows = order[np.repeat(begins[left], partners) + within]
    return left_rows, right_rows.astype(np.int64)
