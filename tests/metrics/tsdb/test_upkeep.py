"""The store's own numbers, and what it does when upkeep or reading meets trouble."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from metrics.tsdb.views import contents, write
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb import block_writer
from vedette.metrics.tsdb import wal as wal_module
from vedette.metrics.tsdb.block_writer import ChunkBatch, write_block
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.index_writer import sort_label_sets
from vedette.metrics.tsdb.meta import BlockMeta, new_ulid
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels
from vedette.model.time import MAX_TIME, MIN_TIME

OPTIONS = TsdbOptions(min_block=60_000, retention_time=0)
SERIES = [Labels({"__name__": f"m{i % 2}", "i": str(i)}) for i in range(6)]


def fill(database: Database, start: int, count: int) -> None:
    times = [start + j * 1000 for j in range(count)]
    assert not write(database, SERIES, times, np.random.default_rng(start).random((6, count))).any()


def test_self_metrics_have_the_originals_names(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    with Database.open(tmp_path, OPTIONS, registry) as database:
        fill(database, 0, 200)
        database.maintain(0)
        lines = generate_latest(registry).decode().splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['prometheus_tsdb_head_samples_appended_total{type="float"}'] == "1200.0"
    assert float(values["prometheus_tsdb_head_series"]) == 6
    assert float(values["prometheus_tsdb_blocks_loaded"]) == len(list(tmp_path.glob("*/meta.json")))
    assert float(values["prometheus_tsdb_compactions_total"]) >= 2
    assert float(values["prometheus_tsdb_head_max_time_seconds"]) == 199
    for name in (
        "head_chunks",
        "reloads_failures_total",
        "compactions_failed_total",
        "clean_start",
        "wal_segment_current",
        "storage_blocks_bytes",
        "lowest_timestamp",
        "head_min_time",
        "head_active_appenders",
        "head_gc_duration_seconds_sum",
        "compaction_duration_seconds_count",
        "symbol_table_size_bytes",
        "wal_corruptions_total",
        "wal_fsync_duration_seconds_count",
        "retention_limit_bytes",
        "retention_limit_seconds",
        'out_of_order_samples_total{type="float"}',
        "too_old_samples_total",
        "exemplar_exemplars_in_storage",
    ):
        assert f"prometheus_tsdb_{name}" in values


def test_status_counts_the_head(tmp_path: Path) -> None:
    with Database.open(tmp_path, OPTIONS) as database:
        assert database.head_stats()["numSeries"] == 0
        assert (database.min_time, database.max_time) == (MAX_TIME, MIN_TIME)
        fill(database, 0, 10)
        status = database.status(2)
        assert status["headStats"] == {
            "numSeries": 6,
            "numLabelPairs": 8,
            "chunkCount": 6,
            "minTime": 0,
            "maxTime": 9000,
        }
        assert status["seriesCountByMetricName"] == [
            {"name": "m0", "value": 3},
            {"name": "m1", "value": 3},
        ]
        assert status["labelValueCountByLabelName"] == [
            {"name": "i", "value": 6},
            {"name": "__name__", "value": 2},
        ]
        assert status["memoryInBytesByLabelName"][0] == {"name": "__name__", "value": 12}
        assert status["seriesCountByLabelValuePair"][0] == {"name": "__name__=m0", "value": 3}
        assert (database.min_time, database.max_time) == (0, 9000)


def test_a_block_that_does_not_fit_leaves_nothing_and_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(tmp_path, OPTIONS) as database:
        fill(database, 0, 200)
        want = contents(database)

        def full(fd: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(block_writer.os, "write", full)
            database.maintain(0)
        assert database.events.compactions_failed == 1
        assert not [path for path in tmp_path.iterdir() if path.name[0] == "0"]
        assert contents(database) == want
        database.maintain(0)
        assert len(database.blocks()) >= 1
        assert contents(database) == want


def test_a_log_that_can_not_be_cut_back_goes_on_in_a_new_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(tmp_path, OPTIONS) as database:
        fill(database, 0, 3)
        real = os.write

        def torn(fd: int, data: bytes) -> int:
            if len(data) > 20:
                return real(fd, memoryview(data)[:20])
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def stuck(fd: int, size: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(wal_module.os, "write", torn)
            patch.setattr(wal_module.os, "ftruncate", stuck)
            with pytest.raises(StorageError, match="undo"):
                fill(database, 10_000, 1)
        fill(database, 20_000, 3)
        want = contents(database)
        assert all(len(samples) == 6 for samples in want.values())
    with Database.open(tmp_path, OPTIONS) as database:
        assert contents(database) == want
        assert database.events.corruptions == 1


def test_a_block_that_can_not_be_opened_is_named_and_the_others_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Database.open(
        tmp_path, TsdbOptions(min_block=60_000, max_block=60_000, retention_time=0)
    ) as database:
        fill(database, 0, 300)
        database.maintain(0)
        first = database.blocks()[0]
        assert len(database.blocks()) >= 3
    (first.path / "index").write_bytes(b"nonsense")
    with Database.open(tmp_path, OPTIONS) as database:
        assert first.meta.ulid not in [block.meta.ulid for block in database.blocks()]
        assert len(contents(database)) == 6
        assert database.events.reloads_failed >= 1
    assert first.meta.ulid in str([getattr(r, "vedette_fields", "") for r in caplog.records])


def test_a_damaged_chunk_is_named_by_its_block(tmp_path: Path) -> None:
    with Database.open(tmp_path, OPTIONS) as database:
        fill(database, 0, 200)
        database.maintain(0)
        path = database.blocks()[0].path / "chunks" / "000001"
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(data)
    wrong = pytest.raises(StorageError, match=rf"{path.parent.parent.name}.*wrong checksum")
    with Database.open(tmp_path, OPTIONS) as database, wrong:
        contents(database)


def test_histograms_in_blocks_are_left_out_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    labels = sort_label_sets(np.array([0, 2]), np.array([0, 0], dtype=np.int32), ["__name__"], ["h"])
    one = np.ones(1, dtype=np.int64)
    batch = ChunkBatch(
        one,
        one * 5,
        one * 9,
        one * 2,
        np.array([2], dtype=np.uint8),
        one * 0,
        one * 12,
        np.ones(12, np.uint8),
    )
    assert write_block(tmp_path, BlockMeta(new_ulid(), 0, 10, 0, 0, 0), labels, [batch])
    with Database.open(tmp_path, OPTIONS) as database:
        assert contents(database) == {"__name__=h": []}
    assert "native histograms" in caplog.text
