"""The write-ahead log as files: cut, damaged, truncated, on a full disk."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from metrics.tsdb.views import contents, write
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb import wal as wal_module
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.metrics.tsdb.wal import Corruption, Wal, read_segment
from vedette.model.labels import Labels

T0 = 1_700_000_000_000
A, B = Labels.of(__name__="a"), Labels.of(__name__="b", job="x")


def records_of(directory: Path) -> list[bytes]:
    out = []
    for index in wal_module.list_segments(directory):
        for item in read_segment(directory / wal_module.segment_name(index)):
            assert not isinstance(item, Corruption)
            out.append(item)
    return out


@pytest.mark.parametrize("compress", [True, False])
def test_records_come_back_across_segments_and_restarts(tmp_path: Path, compress: bool) -> None:
    random = np.random.default_rng(5)
    written = []
    for _ in range(3):
        log = Wal(tmp_path, segment_bytes=3 * 32768, compress=compress)
        for _ in range(30):
            batch = [random.bytes(int(random.integers(1, 9000))) for _ in range(random.integers(1, 4))]
            log.log(batch)
            written += batch
        log.close()
    assert records_of(tmp_path) == written
    segments = wal_module.list_segments(tmp_path)
    assert segments == list(range(len(segments))) and len(segments) > 3
    assert all((tmp_path / wal_module.segment_name(i)).stat().st_size <= 3 * 32768 for i in segments)


def test_a_record_larger_than_a_segment_gets_a_larger_one(tmp_path: Path) -> None:
    log = Wal(tmp_path, segment_bytes=32768, compress=False)
    batches = [[b"a" * 10], [os.urandom(100_000)], [b"c"]]
    for batch in batches:
        log.log(batch)
    log.close()
    assert records_of(tmp_path) == [record for batch in batches for record in batch]


@pytest.mark.slow
def test_the_log_cut_at_every_byte_of_its_last_page_gives_the_commits_before(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    ends, states = [], []
    with Database.open(origin) as database:
        segment = origin / "wal" / "00000000"
        for k in range(12):
            write(database, [A, B] if k % 3 else [A], [T0 + k], np.full((2 if k % 3 else 1, 1), k + 0.5))
            ends.append(segment.stat().st_size)
            states.append(contents(database))
        size = segment.stat().st_size
    for cut in range(size + 1):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        (copy / "wal").mkdir(parents=True)
        (copy / "wal" / "00000000").write_bytes(segment.read_bytes()[:cut])
        with Database.open(copy) as database:
            whole = sum(1 for end in ends if end <= cut)
            got = contents(database)
            # Between a commit's series record and its samples record there are series without samples.
            assert {k: v for k, v in got.items() if v} == (states[whole - 1] if whole else {})
            torn = database.events.corruptions
            write(database, [A], [T0 + 100], np.array([[7.0]]))
            grown = contents(database)
        with Database.open(copy) as database:
            assert contents(database) == grown
            assert database.events.corruptions == 0
        assert torn in (0, 1)


def test_a_damaged_segment_is_named_and_later_ones_are_still_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Database.open(tmp_path) as database:
        write(database, [A], [T0, T0 + 1, T0 + 2], np.array([[1.0, 2.0, 3.0]]))
    with Database.open(tmp_path) as database:
        write(database, [A], [T0 + 3], np.array([[4.0]]))
    segment = tmp_path / "wal" / "00000000"
    data = bytearray(segment.read_bytes())
    data[-3] ^= 1
    segment.write_bytes(data)
    with Database.open(tmp_path) as database:
        assert contents(database) == {"__name__=a": [(T0, 1.0), (T0 + 1, 2.0), (T0 + 3, 4.0)]}
        assert database.events.corruptions == 1
        assert database.replayed.corruptions[0].path == segment
    assert "damaged" in caplog.text


def test_records_of_other_kinds_are_skipped_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Database.open(tmp_path) as database:
        write(database, [A], [T0], np.array([[1.0]]))
    log = Wal(tmp_path / "wal")
    log.log([b"\x04exemplars", b"\x06metadata", b"\x07histogram", b"\x63future"])
    log.close()
    with Database.open(tmp_path) as database:
        assert contents(database) == {"__name__=a": [(T0, 1.0)]}
    for name in ("exemplars", "metadata", "histogram samples", "type 99"):
        assert name in str([getattr(r, "vedette_fields", "") for r in caplog.records])


def test_a_full_disk_refuses_the_commit_and_the_store_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    state = {"room": 10**9}

    def limited(fd: int, data: bytes) -> int:
        if state["room"] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = memoryview(data)[: state["room"]]
        state["room"] -= len(part)
        return real(fd, part)

    monkeypatch.setattr(wal_module.os, "write", limited)
    with Database.open(tmp_path) as database:
        write(database, [A], [T0], np.array([[1.0]]))
        for room in (0, 1, 6, 7, 20):
            state["room"] = room
            appender = database.appender()
            refs = np.array([appender.series(A), appender.series(B)])
            appender.append(refs, np.array([T0 + 5, T0 + 5]), np.array([8.0, 9.0]))
            with pytest.raises(StorageError, match="No space left"):
                appender.commit()
            assert contents(database) == {"__name__=a": [(T0, 1.0)]}
        state["room"] = 10**9
        write(database, [A, B], [T0 + 6], np.array([[2.0], [3.0]]))
        want = contents(database)
        assert want == {"__name__=a": [(T0, 1.0), (T0 + 6, 2.0)], "__name__=b,job=x": [(T0 + 6, 3.0)]}
    with Database.open(tmp_path) as database:
        assert contents(database) == want
        assert database.events.corruptions == 0


def test_the_log_stays_short_and_a_checkpoint_keeps_what_matters(tmp_path: Path) -> None:
    options = TsdbOptions(min_block=60_000, wal_segment_bytes=32768)
    many = [Labels({"__name__": "m", "i": str(i)}) for i in range(50)]
    with Database.open(tmp_path, options) as database:
        for k in range(0, 1200, 20):
            times = [T0 + (k + j) * 1000 for j in range(20)]
            # One series ends early: it must leave the head and the log.
            chosen = many if k < 300 else many[1:]
            write(database, chosen, times, np.random.default_rng(k).random((len(chosen), 20)))
            database.maintain(0)
        want = contents(database)
        assert sum(map(len, want.values())) == 49 * 1200 + 300
        assert database.head.store.live_series == 49
        assert database.events.checkpoints > 3
        assert database.head.wal is not None and database.head.wal.size() < 3_000_000
    checkpoints = wal_module.list_checkpoints(tmp_path / "wal")
    assert len(checkpoints) == 1
    with Database.open(tmp_path, options) as database:
        assert contents(database) == want
        assert database.head.store.live_series == 49
