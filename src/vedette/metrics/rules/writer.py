"""Writes a rule's results, and stale markers for series that it no longer gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vedette.algebra.distinct import distinct
from vedette.algebra.table import LabelTable
from vedette.metrics.contract import Appender, AppendStatus, Int64s, Storage
from vedette.metrics.rules.evaluation import Vector
from vedette.model.values import STALE_NAN

NO_SERIES: Int64s = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did, in samples."""

    accepted: int
    out_of_order: int
    duplicates: int
    too_old: int


class SeriesWriter:
    """The output of one rule. Remembers which reference a row of the result had: it is mostly the same rows again."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.previous: Int64s = NO_SERIES  # sorted references that have a sample and no stale marker yet
        self._names: tuple[str, ...] = ()
        self._rows: dict[bytes, int] = {}

    def adopt(self, other: SeriesWriter) -> None:
        """Continues the series of the same rule before a reload."""
        self.previous = other.previous

    def write(self, result: Vector, time: int) -> Written:
        """Appends `result` and the markers, as one commit. Raises `StorageError`."""
        # A query may have made up values of its own; what is stored uses the store's.
        table = result.table.translate(self._storage.symbols)
        appender = self._storage.appender()
        try:
            refs = self._references(appender, table)
            times = np.full(len(refs), time, dtype=np.int64)
            statuses = appender.append(refs, times, result.values)
            unknown = statuses == AppendStatus.UNKNOWN_SERIES
            if unknown.any():
                self._rows.clear()
                refs = self._references(appender, table)
                statuses[unknown] = appender.append(refs[unknown], times[unknown], result.values[unknown])
            current = distinct(refs)
            self._mark_stale(appender, np.setdiff1d(self.previous, current, assume_unique=True), time)
            appender.commit()
        except BaseException:
            appender.rollback()
            raise
        self.previous = current
        return _count(statuses)

    def end(self, time: int) -> None:
        """Marks every series as ended: the rule is gone."""
        appender = self._storage.appender()
        try:
            self._mark_stale(appender, self.previous, time)
            appender.commit()
        except BaseException:
            appender.rollback()
            raise
        self.previous = NO_SERIES

    @staticmethod
    def _mark_stale(appender: Appender, refs: Int64s, time: int) -> None:
        if len(refs):
            # A refused marker means newer data or a series already forgotten: nothing to end.
            appender.append(refs, np.full(len(refs), time, dtype=np.int64), np.full(len(refs), STALE_NAN))

    def _references(self, appender: Appender, table: LabelTable) -> Int64s:
        names = tuple(sorted(table.columns))
        if names != self._names or len(self._rows) > 4 * table.rows + 64:
            self._names, self._rows = names, {}
        refs = np.empty(table.rows, dtype=np.int64)
        known = self._rows
        for row, key in enumerate(row_keys(table, names)):
            ref = known.get(key)
            if ref is None:
                ref = known[key] = appender.series(table.labels(row))
            refs[row] = ref
        return refs


def row_keys(table: LabelTable, names: Sequence[str]) -> list[bytes]:
    """One value a row that equals another's exactly when the label sets are equal."""
    if not names:
        return [b""] * table.rows
    ids = np.ascontiguousarray(np.stack([table.columns[name] for name in names], axis=1))
    raw, width = ids.tobytes(), ids.dtype.itemsize * len(names)
    return [raw[at : at + width] for at in range(0, len(raw), width)]


def _count(statuses: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Written:
    counts = np.bincount(statuses, minlength=len(AppendStatus))
    return Written(
        accepted=int(counts[AppendStatus.OK]),
        out_of_order=int(counts[AppendStatus.OUT_OF_ORDER]),
        duplicates=int(counts[AppendStatus.DUPLICATE]),
        too_old=int(counts[AppendStatus.OUT_OF_BOUNDS]),
    )
