"""Deleting samples of the head: marks in the log and in memory; blocks are then written without them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.checkpoint import encode_tombstones
from vedette.metrics.tsdb.head import Head
from vedette.model.labels import Matcher


def delete_from_head(head: Head, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
    """Marks samples of matching series in mint..maxt. Returns how many series. Raises `StorageError`."""
    with head.write_lock:
        if head.wal is None:
            raise StorageError("the metrics store is closed")
        with head.state_lock:
            rows = head.postings.select(matchers)
            first, last = head.store.times(rows)
            low, high = np.maximum(first, mint), np.minimum(last, maxt)
            marked = low <= high
            stones = [
                (head.store.id_of(row), row, a, b)
                for row, a, b in zip(
                    rows[marked].tolist(), low[marked].tolist(), high[marked].tolist(), strict=True
                )
            ]
        if not stones:
            return 0
        head.wal.log([encode_tombstones([(ref, a, b) for ref, _, a, b in stones])])
        with head.state_lock:
            for _, row, a, b in stones:
                head.deletions.add(row, a, b)
        return len(stones)
