"""What a store holds, as plain Python: series as text, samples as (time, value)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from vedette.metrics.tsdb.database import Database
from vedette.model.labels import Labels, Matcher
from vedette.model.time import MAX_TIME, MIN_TIME

Samples = dict[str, list[tuple[int, float]]]


def text(labels: Labels) -> str:
    return ",".join(f"{name}={value}" for name, value in labels)


def contents(
    database: Database, *matchers: Matcher, mint: int = MIN_TIME, maxt: int = MAX_TIME, batch: int = 7
) -> Samples:
    """Every sample, read a few rows at a time. NaNs come as ``("nan", bits)`` so that they compare."""
    out: Samples = {}
    with database.querier(mint, maxt) as querier:
        selection = querier.select(matchers, mint, maxt)
        rows = len(selection.table)
        for start in range(0, rows, batch):
            stop = min(rows, start + batch)
            found = selection.read(start, stop, mint, maxt)
            for row in range(start, stop):
                part = slice(int(found.offsets[row - start]), int(found.offsets[row - start + 1]))
                out[text(selection.table.labels(row))] = list(
                    zip(found.timestamps[part].tolist(), map(comparable, found.values[part]), strict=True)
                )
    return out


def comparable(value: float) -> float:
    if value == value:
        return float(value)
    return ("nan", struct.pack("<d", value).hex())  # type: ignore[return-value]


def write(
    database: Database, labels: Sequence[Labels], times: Sequence[int], values: np.ndarray
) -> np.ndarray:
    """Commits ``values[i, k]`` of series i at ``times[k]``, one commit a time. Returns the statuses."""
    appender = database.appender()
    refs = np.array([appender.series(each) for each in labels], dtype=np.int64)
    statuses = []
    for k, time in enumerate(times):
        statuses.append(appender.append(refs, np.full(len(refs), time), np.ascontiguousarray(values[:, k])))
        appender.commit()
    return np.array(statuses)
