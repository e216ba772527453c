"""One batch on its way into the head."""

from __future__ import annotations

import numpy as np

from vedette.metrics.contract import Float64s, Int64s, Statuses, StorageError
from vedette.metrics.tsdb.head import Head
from vedette.model.labels import Labels


class HeadAppender:
    """Collects accepted samples and hands them to the head as one. Usable again after `commit` or `rollback`."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._owner = 0
        self._min_valid = 0
        self._parts: list[tuple[Int64s, Int64s, Float64s]] = []

    def _begin(self) -> None:
        if not self._owner:
            self._owner = self._head.new_owner()
            self._min_valid = self._head.appendable_from()
            with self._head.state_lock:
                self._head.active_appenders += 1

    def _end(self) -> None:
        if self._owner:
            self._owner = 0
            with self._head.state_lock:
                self._head.active_appenders -= 1
        self._parts = []

    def series(self, labels: Labels) -> int:
        return self._head.series(labels)

    def append(self, refs: Int64s, timestamps: Int64s, values: Float64s) -> Statuses:
        refs = np.ascontiguousarray(refs, dtype=np.int64)
        timestamps = np.ascontiguousarray(timestamps, dtype=np.int64)
        values = np.ascontiguousarray(values, dtype=np.float64)
        if not len(refs) == len(timestamps) == len(values):
            raise ValueError(
                f"columns of {len(refs)} references, {len(timestamps)} times, {len(values)} values"
            )
        if self._head.wal is None:
            raise StorageError("the metrics store is closed")
        self._begin()
        statuses: Statuses = np.empty(len(refs), dtype=np.uint8)
        keep = np.empty(len(refs), dtype=np.uint8)
        with self._head.state_lock:
            kept = self._head.store.check(
                refs, timestamps, values, self._min_valid, self._owner, statuses, keep
            )
        if kept == len(refs):
            # The caller may reuse its arrays before the commit.
            self._parts.append((refs.copy(), timestamps.copy(), values.copy()))
        elif kept:
            chosen = keep.view(np.bool_)
            self._parts.append((refs[chosen], timestamps[chosen], values[chosen]))
        return statuses

    def commit(self) -> None:
        parts = self._parts
        try:
            if len(parts) == 1:
                self._head.commit(*parts[0])
            else:
                self._head.commit(
                    np.concatenate([p[0] for p in parts] or [np.zeros(0, dtype=np.int64)]),
                    np.concatenate([p[1] for p in parts] or [np.zeros(0, dtype=np.int64)]),
                    np.concatenate([p[2] for p in parts] or [np.zeros(0, dtype=np.float64)]),
                )
        finally:
            self._end()

    def rollback(self) -> None:
        self._end()
