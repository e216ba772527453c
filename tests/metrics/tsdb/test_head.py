"""Samples through the head: appended, committed, selected, read, and back after a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vedette.metrics.contract import AppendStatus, StorageError
from vedette.metrics.tsdb.database import Database
from vedette.model.labels import Labels, Matcher
from vedette.model.stale import stale_mask
from vedette.model.values import STALE_NAN

T0 = 1_700_000_000_000


def series_of(database: Database, *matchers: Matcher) -> dict[str, list[tuple[int, float]]]:
    with database.querier(0, 1 << 60) as querier:
        selection = querier.select(matchers, 0, 1 << 60)
        batch = selection.read(0, len(selection.table), 0, 1 << 60)
        out = {}
        for row in range(len(selection.table)):
            part = slice(int(batch.offsets[row]), int(batch.offsets[row + 1]))
            out[str(selection.table.labels(row))] = list(
                zip(batch.timestamps[part].tolist(), batch.values[part].tolist(), strict=True)
            )
        return out


def write(database: Database, name: str, samples: list[tuple[int, float]], **labels: str) -> list[int]:
    appender = database.appender()
    ref = appender.series(Labels({"__name__": name, **labels}))
    statuses = appender.append(
        np.full(len(samples), ref, dtype=np.int64),
        np.array([t for t, _ in samples], dtype=np.int64),
        np.array([v for _, v in samples], dtype=np.float64),
    )
    appender.commit()
    return statuses.tolist()


def test_what_was_committed_is_read_and_survives_a_restart(tmp_path: Path) -> None:
    samples = [(T0 + i * 15_000, float(i * i)) for i in range(500)]
    with Database.open(tmp_path) as database:
        assert write(database, "up", samples, job="node") == [0] * 500
        assert series_of(database) == {'up{job="node"}': samples}
    with Database.open(tmp_path) as database:
        assert series_of(database, Matcher("job", "=~", "n.*")) == {'up{job="node"}': samples}
        assert series_of(database, Matcher("job", "!=", "node")) == {}


def test_each_refused_sample_says_why(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        write(database, "a", [(T0, 1.0), (T0 + 7_200_000, 2.0)])
        appender = database.appender()
        ref = appender.series(Labels.of(__name__="a"))
        now = T0 + 7_200_000
        statuses = appender.append(
            np.array([ref, ref, ref, ref, ref + 99, ref, ref]),
            np.array([now - 1, now, now, T0, now, now + 1, now]),
            np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        )
        assert [AppendStatus(s).name for s in statuses] == [
            "OUT_OF_ORDER",
            "OK",
            "DUPLICATE",
            "OUT_OF_BOUNDS",
            "UNKNOWN_SERIES",
            "OK",
            "OUT_OF_ORDER",
        ]
        appender.commit()
        assert series_of(database) == {"a": [(T0, 1.0), (now, 2.0), (now + 1, 6.0)]}


def test_a_rolled_back_batch_leaves_nothing(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        appender = database.appender()
        ref = appender.series(Labels.of(__name__="a"))
        appender.append(np.array([ref]), np.array([T0]), np.array([1.0]))
        appender.rollback()
        assert series_of(database) == {}
        appender.append(np.array([ref]), np.array([T0 - 5]), np.array([2.0]))
        appender.commit()
        assert series_of(database) == {"a": [(T0 - 5, 2.0)]}


def test_a_querier_sees_what_was_committed_before_it(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        write(database, "a", [(T0, 1.0)])
        querier = database.querier(0, 1 << 60)
        write(database, "a", [(T0 + 1, 2.0)])
        write(database, "b", [(T0 + 1, 2.0)])
        selection = querier.select([], 0, 1 << 60)
        assert [str(labels) for labels in selection.table] == ["a"]
        assert selection.read(0, 1, 0, 1 << 60).values.tolist() == [1.0]
        assert series_of(database) == {"a": [(T0, 1.0), (T0 + 1, 2.0)], "b": [(T0 + 1, 2.0)]}


def test_a_stale_marker_keeps_its_bits(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        write(database, "a", [(T0, 1.0), (T0 + 1, STALE_NAN), (T0 + 2, float("nan"))])
    with Database.open(tmp_path) as database, database.querier(0, 1 << 60) as querier:
        batch = querier.select([], 0, 1 << 60).read(0, 1, 0, 1 << 60)
        assert stale_mask(batch.values).tolist() == [False, True, False]
        assert np.isnan(batch.values).tolist() == [False, True, True]


def test_times_and_values_are_cut_to_the_range(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        write(database, "a", [(T0 + i, float(i)) for i in range(1000)])
        with database.querier(T0, T0 + 2000) as querier:
            batch = querier.select([], T0, T0 + 2000).read(0, 1, T0 + 300, T0 + 302)
        assert batch.timestamps.tolist() == [T0 + 300, T0 + 301, T0 + 302]
        assert batch.values.tolist() == [300.0, 301.0, 302.0]


def test_label_names_and_values(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        write(database, "a", [(T0, 1.0)], job="x", instance="1")
        write(database, "b", [(T0, 1.0)], job="y", zone="z")
        with database.querier(0, 1 << 60) as querier:
            assert querier.label_names() == ["__name__", "instance", "job", "zone"]
            assert querier.label_names([Matcher("job", "=", "x")]) == ["__name__", "instance", "job"]
            assert querier.label_values("job") == ["x", "y"]
            assert querier.label_values("job", [Matcher("zone", "!=", "")]) == ["y"]
            assert querier.label_values("job", limit=1) == ["x"]
            assert querier.label_values("nothing") == []


@pytest.mark.parametrize(
    ("matchers", "want"),
    [
        ([("a", "=", "1")], {"1", "1x"}),
        ([("a", "!=", "1")], {"2", "none"}),
        ([("a", "=", "")], {"none"}),
        ([("a", "!=", "")], {"1", "1x", "2"}),
        ([("a", "=~", "1|2")], {"1", "1x", "2"}),
        ([("a", "=~", "1|")], {"1", "1x", "none"}),
        ([("a", "=~", ".*")], {"1", "1x", "2", "none"}),
        ([("a", "=~", ".+")], {"1", "1x", "2"}),
        ([("a", "!~", ".+")], {"none"}),
        ([("a", "!~", "[1]")], {"2", "none"}),
        ([("a", "=", "1"), ("b", "=", "x")], {"1x"}),
        ([("a", "=", "1"), ("b", "!=", "x")], {"1"}),
        ([("b", "=~", "x|y"), ("a", "!~", "2")], {"1x"}),
        ([("nope", "=", "1")], set()),
        ([("nope", "!=", "1")], {"1", "1x", "2", "none"}),
    ],
)
def test_matchers(tmp_path: Path, matchers: list[tuple[str, str, str]], want: set[str]) -> None:
    with Database.open(tmp_path) as database:
        for name, labels in {
            "1": {"a": "1"},
            "1x": {"a": "1", "b": "x"},
            "2": {"a": "2"},
            "none": {},
        }.items():
            write(database, f"m{name}", [(T0, 1.0)], **labels)
        with database.querier(0, 1 << 60) as querier:
            table = querier.select([Matcher(*m) for m in matchers], 0, 1 << 60).table
        assert {labels.name[1:] for labels in table} == want


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with Database.open(tmp_path), pytest.raises(StorageError, match="in use"):
        Database.open(tmp_path)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    appender = database.appender()
    database.close()
    with pytest.raises(StorageError, match="closed"):
        appender.append(np.array([1]), np.array([T0]), np.array([1.0]))
    with pytest.raises(StorageError, match="closed"):
        database.querier(0, 1)
