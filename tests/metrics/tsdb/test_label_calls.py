"""Label names and values of matching series are those of the series that a selection finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels, Matcher
from vedette.model.time import HOUR

SERIES = 160


def labels_of(i: int) -> Labels:
    known = {"__name__": f"m{i % 3}", "few": str(i % 4), "many": str(i), "block": "old" if i < 40 else "new"}
    return Labels(known | ({"rare": "x"} if i == 41 else {}))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The first 40 series have samples in the first hours only, which are a block; the last 40 in the last hours only."""
    with Database.open(tmp_path, TsdbOptions(retention_time=0)) as database:
        for t in range(0, 6 * HOUR, HOUR // 4):
            appender = database.appender()
            part = range(SERIES - 40) if t < 2 * HOUR else range(40, SERIES)
            refs = np.array([appender.series(labels_of(i)) for i in part], dtype=np.int64)
            appender.append(refs, np.full(len(refs), t, dtype=np.int64), np.ones(len(refs)))
            appender.commit()
        database.maintain(6 * HOUR)
        assert database.blocks()
        yield database


@pytest.mark.parametrize("bounds", [(0, 6 * HOUR), (0, HOUR), (5 * HOUR, 6 * HOUR), (3 * HOUR, 4 * HOUR)])
@pytest.mark.parametrize(
    "matchers",
    [
        [Matcher("__name__", "=", "m1")],
        [Matcher("many", "=", "41")],
        [Matcher("many", "=", "none")],
        [Matcher("few", "=~", "1|2"), Matcher("__name__", "!=", "m0")],
        [Matcher("rare", "=", "")],
        [Matcher("rare", "!=", "")],
        [Matcher("many", "=~", ".*[05]"), Matcher("few", "!~", "3.?")],
        [Matcher("block", "=", "old")],
    ],
)
def test_names_and_values_of_matching_series(
    database: Database, matchers: list[Matcher], bounds: tuple[int, int]
) -> None:
    with database.querier(*bounds) as querier:
        table = querier.select(matchers, *bounds).table
        found = list(table)
        assert querier.label_names(matchers) == sorted({name for labels in found for name, _ in labels})
        for name in ("__name__", "few", "many", "block", "rare", "nothing"):
            want = sorted({labels.get(name) for labels in found} - {""})
            assert querier.label_values(name, matchers) == want


def test_a_remembered_selection_follows_the_series_that_come_and_go(tmp_path: Path) -> None:
    matchers = [Matcher("job", "=", "x")]

    def write(instance: str, time: int) -> None:
        appender = database.appender()
        ref = appender.series(Labels({"__name__": "up", "job": "x", "instance": instance}))
        appender.append(np.array([ref]), np.array([time]), np.ones(1))
        appender.commit()

    def instances(mint: int, maxt: int) -> list[str]:
        with database.querier(mint, maxt) as querier:
            return sorted(labels.get("instance") for labels in querier.select(matchers, mint, maxt).table)

    with Database.open(tmp_path, TsdbOptions(retention_time=0)) as database:
        assert instances(0, HOUR) == []
        write("a", 0)
        assert [instances(0, HOUR) for _ in range(2)] == [["a"], ["a"]]
        write("b", HOUR)
        assert instances(0, HOUR) == ["a", "b"]
        # Remembered whole, and cut to a range.
        assert instances(0, 1) == ["a"]
        assert instances(0, HOUR) == ["a", "b"]
        write("b", 5 * HOUR)
        database.maintain(5 * HOUR)
        assert instances(4 * HOUR, 5 * HOUR) == ["b"]
        assert database.head.postings.choose(matchers).rows.tolist() == [1]
