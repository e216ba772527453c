"""Where our engine reads from: the script runner's memory, or the real store with blocks and a head."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from vedette.metrics.contract import Storage
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Labels

from .data import Series

# Short blocks, so that most samples come from them and the newest from the head.
BLOCK = 10 * 60_000


def in_memory(series: Sequence[Series]) -> Storage:
    store = MemoryStorage()
    for one in series:
        labels = Labels(one.labels)
        for time, value in one.samples:
            store.add(labels, time, value)
    return store


@contextlib.contextmanager
def on_disk(series: Sequence[Series]) -> Iterator[Storage]:
    """Floats only. Written in the order of time, as a scrape would."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Database.open(Path(folder), TsdbOptions(min_block=BLOCK, retention_time=0)) as database,
    ):
        appender = database.appender()
        refs = [appender.series(Labels(one.labels)) for one in series]
        rows = sorted(
            (time, ref, value)
            for ref, one in zip(refs, series, strict=True)
            for time, value in one.samples
            if not isinstance(value, FloatHistogram)
        )
        for start in sorted({time // BLOCK for time, _, _ in rows}):
            part = [row for row in rows if row[0] // BLOCK == start]
            times = np.array([t for t, _, _ in part], dtype=np.int64)
            statuses = appender.append(
                np.array([r for _, r, _ in part], dtype=np.int64),
                times,
                np.array([v for _, _, v in part], dtype=np.float64),
            )
            assert not statuses.any()
            appender.commit()
        if rows:
            database.maintain(rows[-1][0])
        yield database
