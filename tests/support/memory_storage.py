"""The storage contract over plain dictionaries: for tests of what stands above the store."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

import numpy as np

from vedette.algebra.table import LabelTable, Symbols
from vedette.metrics.contract import AppendStatus, Float64s, Int64s, SampleBatch, Statuses
from vedette.model.labels import Labels, Matcher


class MemoryStorage:
    def __init__(self) -> None:
        self.symbols = Symbols()
        self.sets: list[Labels] = []
        self.refs: dict[Labels, int] = {}
        self.samples: list[list[tuple[int, float]]] = []

    def appender(self) -> MemoryAppender:
        return MemoryAppender(self)

    def querier(self, mint: int, maxt: int) -> MemoryQuerier:
        return MemoryQuerier(self, mint, maxt)

    def add(self, series: Labels, samples: Sequence[tuple[int, float]]) -> None:
        appender = self.appender()
        ref = appender.series(series)
        times = np.array([t for t, _ in samples], dtype=np.int64)
        values = np.array([v for _, v in samples], dtype=np.float64)
        appender.append(np.full(len(samples), ref, dtype=np.int64), times, values)
        appender.commit()

    def series(self, labels: Labels) -> list[tuple[int, float]]:
        ref = self.refs.get(labels)
        return [] if ref is None else self.samples[ref]


class MemoryAppender:
    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage
        self._new: list[tuple[int, int, float]] = []

    def series(self, labels: Labels) -> int:
        storage = self._storage
        ref = storage.refs.get(labels)
        if ref is None:
            ref = storage.refs[labels] = len(storage.sets)
            storage.sets.append(labels)
            storage.samples.append([])
        return ref

    def append(self, refs: Int64s, timestamps: Int64s, values: Float64s) -> Statuses:
        statuses = np.zeros(len(refs), dtype=np.uint8)
        for i, (ref, time) in enumerate(zip(refs.tolist(), timestamps.tolist(), strict=True)):
            if not 0 <= ref < len(self._storage.sets):
                statuses[i] = AppendStatus.UNKNOWN_SERIES
                continue
            own = [t for r, t, _ in self._new if r == ref] or [t for t, _ in self._storage.samples[ref][-1:]]
            if own and time < own[-1]:
                statuses[i] = AppendStatus.OUT_OF_ORDER
            elif own and time == own[-1]:
                statuses[i] = AppendStatus.DUPLICATE
            else:
                # From the array, not from the list: a NaN keeps its bits.
                self._new.append((ref, time, values[i : i + 1].copy()[0]))
        return statuses

    def commit(self) -> None:
        for ref, time, value in self._new:
            self._storage.samples[ref].append((time, value))
        self._new = []

    def rollback(self) -> None:
        self._new = []


class MemoryQuerier:
    def __init__(self, storage: MemoryStorage, mint: int, maxt: int) -> None:
        self._storage, self._mint, self._maxt = storage, mint, maxt

    def select(
        self,
        matchers: Sequence[Matcher],
        mint: int,
        maxt: int,
        check: Callable[[], None] = lambda: None,
    ) -> MemorySelection:
        chosen = [
            ref
            for ref, labels in enumerate(self._storage.sets)
            if all(m.matches_labels(labels) for m in matchers)
            and any(mint <= t <= maxt for t, _ in self._storage.samples[ref])
        ]
        return MemorySelection(self._storage, chosen)

    def label_names(self, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        names = sorted(
            {n for labels in self.select(matchers, self._mint, self._maxt).table for n, _ in labels}
        )
        return names[:limit] if limit else names

    def label_values(self, name: str, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        table = self.select(matchers, self._mint, self._maxt).table
        values = sorted({labels.get(name) for labels in table} - {""})
        return values[:limit] if limit else values

    def close(self) -> None: ...

    def __enter__(self) -> MemoryQuerier:
        return self

    def __exit__(self, *exc: object) -> None: ...


class MemorySelection:
    def __init__(self, storage: MemoryStorage, chosen: list[int]) -> None:
        self._storage, self._chosen = storage, chosen
        self.table = LabelTable.from_labels(storage.symbols, [storage.sets[ref] for ref in chosen])

    def read(self, start: int, stop: int, mint: int, maxt: int) -> SampleBatch:
        offsets, times, values = [0], [], []
        for ref in self._chosen[start:stop]:
            samples = self._storage.samples[ref]
            low = bisect_left(samples, mint, key=lambda s: s[0])
            high = bisect_right(samples, maxt, key=lambda s: s[0])
            times += [t for t, _ in samples[low:high]]
            values += [v for _, v in samples[low:high]]
            offsets.append(len(times))
        return SampleBatch(
            np.array(offsets, dtype=np.int64),
            np.array(times, dtype=np.int64),
            np.array(values, dtype=np.float64),
        )
