"""Readers beside writers and upkeep: whole commits only, nothing torn, nothing lost on the way to a block."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels, Matcher

SERIES = 300


@pytest.mark.slow
def test_every_query_sees_whole_commits_while_blocks_are_written(tmp_path: Path) -> None:
    options = TsdbOptions(min_block=40_000, retention_time=0, wal_segment_bytes=1 << 18)
    problems: list[str] = []
    done = threading.Event()

    def guarded(action):  # type: ignore[no-untyped-def]
        def run() -> None:
            try:
                while not done.is_set():
                    action()
            except BaseException as error:
                problems.append(f"{type(error).__name__}: {error}")
                done.set()

        return threading.Thread(target=run)

    with Database.open(tmp_path, options) as database:
        appender = database.appender()
        labels = [Labels({"__name__": "m", "i": str(i)}) for i in range(SERIES)]
        refs = np.array([appender.series(each) for each in labels])
        committed = 0
        queries = 0

        def write() -> None:
            nonlocal committed
            k = committed + 1
            # Values change their width now and then, so that windows and cells change too.
            values = np.full(SERIES, k * 0.1 if k % 50 < 25 else float(k))
            assert not appender.append(refs, np.full(SERIES, k * 100), values).any()
            appender.commit()
            committed = k

        def read() -> None:
            nonlocal queries
            before = committed
            with database.querier(0, 1 << 60) as querier:
                first = querier.select([Matcher("__name__", "=", "m")], 0, 1 << 60)
                time.sleep(0.003)
                second = querier.select([Matcher("i", "!=", "0")], 0, 1 << 60)
                for selection in (first, second):
                    rows = len(selection.table)
                    if not rows:
                        assert before == 0
                        continue
                    batch = selection.read(0, rows, 0, 1 << 60)
                    counts = np.diff(batch.offsets)
                    assert (counts == counts[0]).all(), "half a commit"
                    assert counts[0] >= before, f"{counts[0]} samples of {before}"
                    k = batch.timestamps // 100
                    assert (batch.timestamps.reshape(rows, -1) == np.arange(1, counts[0] + 1) * 100).all()
                    assert (batch.values == np.where(k % 50 < 25, k * 0.1, k)).all(), "a torn sample"
                queries += 1

        threads = [guarded(write), guarded(read), guarded(read), guarded(lambda: database.maintain(0))]
        for thread in threads:
            thread.start()
        done.wait(6)
        done.set()
        for thread in threads:
            thread.join()
        assert not problems
        assert queries > 10 and committed > 1000 and len(database.blocks()) >= 1
