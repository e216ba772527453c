"""A store in memory that test series are loaded into and rules write to."""

from __future__ import annotations

import numpy as np

from vedette.metrics.contract import Appender, Float64s, Int64s, Statuses
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.labels import Labels


class UnitStorage(MemoryStorage):
    def __init__(self) -> None:
        super().__init__()
        self.sets: list[Labels] = []
        self.refs: dict[Labels, int] = {}

    def appender(self) -> Appender:
        return _Appender(self)


class _Appender:
    def __init__(self, storage: UnitStorage) -> None:
        self._storage = storage
        self._waiting: list[tuple[int, int, float]] = []

    def series(self, labels: Labels) -> int:
        storage = self._storage
        ref = storage.refs.setdefault(labels, len(storage.sets))
        if ref == len(storage.sets):
            storage.sets.append(labels)
        return ref

    def append(self, refs: Int64s, timestamps: Int64s, values: Float64s) -> Statuses:
        # Values one by one from the array: a list would lose the bits of a stale marker.
        self._waiting += [
            (ref, time, values[at].item())
            for at, (ref, time) in enumerate(zip(refs.tolist(), timestamps.tolist(), strict=True))
        ]
        return np.zeros(len(refs), dtype=np.uint8)

    def commit(self) -> None:
        for ref, time, value in self._waiting:
            self._storage.add(self._storage.sets[ref], time, value)
        self._waiting = []

    def rollback(self) -> None:
        self._waiting = []
