"""Counting entries in sliding windows: one pass over the entries, whatever the number of windows each is in."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from vedette.logs.batch import Times
from vedette.logs.logql.run.matrix import Grid, Matrix
from vedette.model.labels import Labels


class WindowSums:
    """Sums of entries in the windows ``(t - range, t]`` of a grid, by group.

    An entry adds its value where its windows begin and takes it away after they end; adding up along the steps gives
    the sums. May be fed by several threads. Memory is groups x steps, however many entries there are. Counts and bytes stay exact below 2**53.
    """

    def __init__(self, grid: Grid, range_ns: int, offset_ns: int = 0) -> None:
        self._grid, self._range, self._offset = grid, range_ns, offset_ns
        self._groups: dict[Labels, int] = {}
        self._lock = threading.Lock()
        self._width = grid.count + 1
        self._sums = np.zeros(16 * self._width)
        self._counts = np.zeros(16 * self._width)

    @property
    def start(self) -> int:
        """The first time that falls into a window."""
        return self._grid.start - self._offset - self._range + 1

    @property
    def end(self) -> int:
        """After the last time that falls into a window."""
        return self._grid.end - self._offset + 1

    def group(self, labels: Labels) -> int:
        """The number of the group `labels`."""
        number = self._groups.get(labels)
        if number is not None:
            return number
        with self._lock:
            number = self._groups.setdefault(labels, len(self._groups))
            if len(self._groups) * self._width > len(self._sums):
                self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
                self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
            return number

    def add(
        self, groups: npt.NDArray[np.integer], times: Times, values: npt.NDArray[np.float64] | None = None
    ) -> None:
        """Adds entries; without `values` each counts 1."""
        grid = self._grid
        shifted = times + np.int64(self._offset - grid.start)
        first = np.maximum(-((-shifted) // grid.step), 0)
        last = np.minimum((shifted + np.int64(self._range - 1)) // grid.step, grid.count - 1)
        inside = first <= last
        if not inside.all():
            groups, first, last = groups[inside], first[inside], last[inside]
            values = values[inside] if values is not None else None
        base = groups.astype(np.int64) * self._width
        with self._lock:
            np.add.at(self._counts, base + first, 1.0)
            np.add.at(self._counts, base + last + 1, -1.0)
            if values is not None:
                np.add.at(self._sums, base + first, values)
                np.add.at(self._sums, base + last + 1, -values)

    def matrix(self, *, sums: bool, per_second: bool) -> Matrix:
        """The sums (or counts), present where there is an entry at all."""
        shape = (len(self._groups), self._width)
        used = shape[0] * shape[1]
        counts = np.cumsum(self._counts[:used].reshape(shape), axis=1)[:, :-1]
        values = np.cumsum(self._sums[:used].reshape(shape), axis=1)[:, :-1] if sums else counts
        if per_second:
            values = values / (self._range / 1e9)
        return Matrix(list(self._groups), values, counts > 0.5).without_empty_rows()
