"""A writer that is killed at any moment loses nothing that it acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from metrics.tsdb.views import contents
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions

OPTIONS = TsdbOptions(min_block=30_000, wal_segment_bytes=65536, retention_time=0)
SERIES = 40

WRITER = f"""
import sys, threading
import numpy as np
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels

database = Database.open(sys.argv[1], TsdbOptions(min_block=30_000, wal_segment_bytes=65536, retention_time=0))
start = int(sys.argv[2])

def upkeep():
    while True:
        database.maintain(0)

threading.Thread(target=upkeep, daemon=True).start()
appender = database.appender()
k = start
while True:
    # Series come and go, so that checkpoints and the head's truncation have work.
    refs = np.array([appender.series(Labels({{"__name__": "m", "i": str(i), "age": str(k // 90)}})) for i in range({SERIES})])
    statuses = appender.append(refs, np.full({SERIES}, k * 1000), np.arange({SERIES}) + k * 0.1)
    assert not statuses.any(), statuses
    appender.commit()
    print(k, flush=True)
    k += 1
"""


@pytest.mark.slow
def test_killed_again_and_again_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    data, acknowledged = tmp_path / "data", -1
    random = np.random.default_rng()
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(data), str(acknowledged + 1)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read().decode()
        time.sleep(float(random.uniform(0.0, 0.5)))
        process.kill()
        rest = process.stdout.read()
        process.wait()
        lines = (first + rest).split(b"\n")[:-1]
        acknowledged = int(lines[-1])
        with Database.open(data, OPTIONS) as database:
            got = contents(database)
        last = -1
        for k in range(acknowledged + 2):
            at = (k * 1000, k * 0.1)
            key = f"__name__=m,age={k // 90},i=0"
            present = at in dict.fromkeys(got.get(key, ()))
            assert present or k > acknowledged, f"sample {k} of {acknowledged} is lost"
            last = k if present else last
        # Whole commits only: the unacknowledged one is there for all series or for none.
        per_time: dict[int, int] = {}
        for samples in got.values():
            for t, _ in samples:
                per_time[t] = per_time.get(t, 0) + 1
        assert set(per_time.values()) == {SERIES}
        assert last in (acknowledged, acknowledged + 1)
        acknowledged = last
    assert acknowledged > 50 and list(data.glob("*/meta.json"))
