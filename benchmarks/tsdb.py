"""The metrics store by itself, a few seconds on one core: ``python -m benchmarks.tsdb [series]``.

Prints one figure a line. CPU seconds, so that a busy machine disturbs little.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import psutil

from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels, Matcher

T0 = 1_700_000_000_000
STEP = 15_000


def timed(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


def make_labels(count: int) -> list[Labels]:
    """Ten metrics a path, a hundred paths an instance: what a scraped service looks like."""
    return [
        Labels(
            {
                "__name__": f"http_server_metric_{i % 10}_total",
                "instance": f"10.0.{i // 100_000}.{i // 1000 % 100}:8080",
                "job": "automation-orchestrator",
                "method": ("GET", "POST")[i % 2],
                "path": f"/api/v1/things/{i // 10 % 100}",
                "status": "200",
            }
        )
        for i in range(count)
    ]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    process = psutil.Process()
    labels = make_labels(count)
    before = process.memory_info().rss
    random = np.random.default_rng(1)
    with (
        tempfile.TemporaryDirectory() as path,
        Database.open(path, TsdbOptions(retention_time=0)) as database,
    ):
        appender = database.appender()
        refs = np.empty(count, dtype=np.int64)

        def create() -> None:
            for i, each in enumerate(labels):
                refs[i] = appender.series(each)
            appender.append(refs, np.full(count, T0), np.zeros(count))
            appender.commit()

        seconds = timed(create)
        print(f"new series                      {count / seconds:12,.0f} series/s")
        rss = process.memory_info().rss - before
        print(f"RSS after one sample each       {rss / count * 100_000 / 1e6:12,.0f} MB per 100,000 series")

        def write(part: slice, now: np.ndarray, numbers: np.ndarray) -> None:
            appender.append(refs[part], now[part], numbers)
            appender.commit()

        values = np.zeros(count)
        rounds = 240
        spent = 0.0
        for k in range(1, rounds):
            values += random.poisson(5, count)
            now = np.full(count, T0 + k * STEP)
            for low in range(0, count, 10_000):
                part = slice(low, low + 10_000)
                spent += timed(partial(write, part, now, values[part]))
        samples = (rounds - 1) * count
        print(f"known series, 10,000 a commit   {samples / spent:12,.0f} samples/s")
        rss = process.memory_info().rss - before
        print(f"RSS after an hour at 15 s       {rss / count * 100_000 / 1e6:12,.0f} MB per 100,000 series")
        head = database.head.store
        print(f"  of which slabs                {head.memory() / count * 100_000 / 1e6:12,.0f} MB")
        print(f"head bytes per sample           {head.cell_count * 64 / samples:12.2f}")

        querier = database.querier(T0, T0 + rounds * STEP)
        selection = querier.select([], T0, T0 + rounds * STEP)
        seconds = timed(lambda: querier.select([], T0, T0 + rounds * STEP))
        print(f"select everything               {seconds * 1000:12.1f} ms")
        one = [Matcher("__name__", "=", "http_server_metric_3_total"), Matcher("path", "=~", ".*/7.?")]
        seconds = timed(lambda: [querier.select(one, T0, T0 + rounds * STEP) for _ in range(20)]) / 20
        print(f"select one metric, a regex      {seconds * 1000:12.1f} ms")
        rows = min(count, 10_000)

        def read() -> None:
            for low in range(0, rows, 1000):
                selection.read(low, min(low + 1000, rows), T0, T0 + rounds * STEP)

        seconds = min(timed(read) for _ in range(3))
        print(f"read the head                   {seconds / (rows * rounds) * 1e9:12.1f} ns/sample")

        appender.append(refs, np.full(count, T0 + 12_000_000), values)
        appender.commit()
        wal = database.head.wal
        assert wal is not None
        print(f"log bytes per sample            {wal.size() / (samples + 2 * count):12.2f}")
        seconds = timed(lambda: database.maintain(0))
        block = database.blocks()[0]
        print(f"write a block                   {seconds / block.meta.samples * 1e9:12.1f} ns/sample")
        print(f"block bytes per sample          {block.disk_bytes / block.meta.samples:12.2f}")
        querier = database.querier(T0, T0 + rounds * STEP)
        seconds = timed(lambda: querier.select(one[:1], T0, T0 + rounds * STEP))
        print(f"select one metric in a block    {seconds * 1000:12.1f} ms, {count // 10:,} series")
        selection = querier.select(one[:1], T0, T0 + rounds * STEP)
        rows = len(selection.table)
        seconds = min(timed(read) for _ in range(3))
        print(f"read a block                    {seconds / (rows * rounds) * 1e9:12.1f} ns/sample")
        rss = process.memory_info().rss - before
        print(f"RSS at the end                  {rss / 1e6:12,.0f} MB")
        database.close()
        seconds = timed(lambda: Database.open(path).close())
        print(f"start again                     {seconds:12.2f} s")


if __name__ == "__main__":
    main()
