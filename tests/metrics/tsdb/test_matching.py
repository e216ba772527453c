"""Patterns over label values: right whatever comes and goes, and not under the lock that commits wait for."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.algebra.table import Symbols
from vedette.metrics.tsdb import matching
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.matching import match_ahead, unwatched
from vedette.metrics.tsdb.postings import Postings
from vedette.model.labels import Labels, Matcher

PATTERNS = [
    Matcher("x", "=~", "1.*"),
    Matcher("x", "!~", ".*3"),
    Matcher("x", "!=", ""),
    Matcher("x", "=~", ".*"),
    Matcher("x", "=~", "1|2"),
]


class Bench:
    def __init__(self) -> None:
        self.names, self.values = Symbols(), Symbols()
        self.postings = Postings(self.names, self.values)
        self.rows: dict[int, str] = {}

    def _pairs(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        pairs = [self.names.intern("x"), self.values.intern(text)] if text else []
        return np.array([0, len(pairs)], dtype=np.int64), np.array(pairs, dtype=np.int32)

    def add(self, row: int, text: str) -> None:
        if row not in self.rows:
            self.rows[row] = text
            self.postings.add(np.array([row], dtype=np.int64), *self._pairs(text))

    def remove(self, row: int) -> None:
        text = self.rows.pop(row, None)
        if text is not None:
            self.postings.remove(np.array([row], dtype=np.int64), *self._pairs(text))

    def check(self, matcher: Matcher) -> None:
        want = [row for row, text in sorted(self.rows.items()) if matcher.matches(text)]
        assert self.postings.select([matcher]).tolist() == want


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "remove", "ask", "ahead"]), st.integers(0, 15), st.integers(0, 40)),
        max_size=40,
    )
)
def test_the_same_rows_as_one_by_one(actions: list[tuple[str, int, int]]) -> None:
    bench = Bench()
    for action, row, number in actions:
        matcher = PATTERNS[number % len(PATTERNS)]
        if action == "add":
            bench.add(row, str(number) if number else "")
        elif action == "remove":
            bench.remove(row)
        elif action == "ask":
            bench.check(matcher)
        else:
            match_ahead(bench.postings, threading.RLock(), [matcher], unwatched)
    for matcher in PATTERNS:
        bench.check(matcher)


@pytest.mark.parametrize("between", ["add", "remove", "both", "another query"])
def test_what_happens_while_the_lock_is_free(between: str) -> None:
    bench = Bench()
    for row in range(600):
        bench.add(row, str(row))
    matcher = Matcher("x", "=~", ".*7")
    task = bench.postings.unmatched(matcher, 256)
    assert task is not None
    found = bench.postings.matches.run(task)
    if between in ("remove", "both"):
        bench.remove(7)
        bench.remove(300)
    if between in ("add", "both"):
        bench.add(1007, "1007")
    if between == "another query":
        bench.check(matcher)
    bench.postings.matches.learn(task, found)
    bench.check(matcher)
    bench.add(2007, "2007")
    bench.check(matcher)


def test_each_value_is_matched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    for row in range(500):
        bench.add(row, str(row))
    matcher = Matcher("x", "=~", ".*7")
    seen: list[str] = []
    before = Matcher.matches

    def counting(self: Matcher, value: str) -> bool:
        if value:
            seen.append(value)
        return before(self, value)

    monkeypatch.setattr(Matcher, "matches", counting)
    for extra in range(3):
        bench.postings.select([matcher])
        bench.add(600 + extra, str(600 + extra))
    bench.postings.select([matcher])
    assert len(seen) == len(set(seen)) == 503


def test_commits_go_on_while_a_pattern_is_matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_CHUNK", 100)
    with Database.open(tmp_path) as database:
        appender = database.appender()
        refs = [appender.series(Labels.of(__name__="m", x=f"x{i}")) for i in range(1000)]
        at = np.full(1000, 1_000, dtype=np.int64)
        appender.append(np.array(refs, dtype=np.int64), at, np.ones(1000))
        appender.commit()
        committed = []

        def check() -> None:
            # In the middle of the search, another thread commits.
            def commit() -> None:
                writer = database.appender()
                ref = writer.series(Labels.of(__name__="m", x=f"new{len(committed)}"))
                times = np.array([2_000], dtype=np.int64)
                writer.append(np.array([ref], dtype=np.int64), times, np.ones(1))
                writer.commit()
                committed.append(ref)

            thread = threading.Thread(target=commit)
            thread.start()
            thread.join(5)
            assert not thread.is_alive(), "a commit waits for a query's pattern"

        with database.querier(0, 5_000) as querier:
            selection = querier.select([Matcher("x", "=~", ".*5")], 0, 5_000, check)
        assert len(selection.table) == 100
        assert len(committed) == 10
