"""`|= "text"` keeps lines that contain the bytes of a text, `!=` the others.    {app="api"} |= "timeout" or "refused" """

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vedette.algebra.distinct import distinct
from vedette.kernels import loglines
from vedette.logs.batch import Batch, Rows


def containing(batch: Batch, rows: Rows, needle: bytes) -> Rows:
    """The `rows` whose line contains `needle`."""
    if not needle or not len(rows):
        return rows
    out = np.empty(len(rows), dtype=np.int32)
    count = loglines.contains(batch.buffer, batch.starts, batch.ends, rows, needle, out)
    return out[:count]


def union(parts: Iterable[Rows]) -> Rows:
    """All rows of `parts`, ascending, each once."""
    found = [part for part in parts if len(part)]
    if not found:
        return np.empty(0, dtype=np.int32)
    return found[0] if len(found) == 1 else distinct(np.concatenate(found))
