"""A store under random actions against a dictionary of lists."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from metrics.tsdb.views import comparable, contents
from vedette.metrics.contract import AppendStatus
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.model.labels import Labels, Matcher
from vedette.model.values import STALE_NAN

NAMES = [Labels({"__name__": f"m{i % 2}", "i": str(i)}) for i in range(6)]
WIDTH = 50_000
OPTIONS = TsdbOptions(min_block=WIDTH, retention_time=0, wal_segment_bytes=32768)

indices = st.integers(0, len(NAMES) - 1)
values = st.one_of(st.floats(allow_nan=False), st.integers(-5, 5).map(float), st.just(STALE_NAN))


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp())
        self.database = Database.open(self.path, OPTIONS)
        self.want: dict[int, list[tuple[int, float]]] = {}
        self.newest: dict[int, int] = {}
        self.now = 1_000_000
        # Readers that were opened earlier, with what they must go on seeing.
        self.views: list[tuple[object, dict[str, list[tuple[int, float]]]]] = []

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.path)

    def _accepted(
        self, batch: list[tuple[int, int, float]], statuses: list[int]
    ) -> list[tuple[int, int, float]]:
        """What the model expects to be kept; compares the statuses on the way."""
        low = max(self.database.head.min_valid, self.floor)
        newest, last = dict(self.newest), {}
        for i, samples in self.want.items():
            if samples:
                last[i] = samples[-1]
        kept = []
        for (i, t, value), status in zip(batch, statuses, strict=True):
            value = comparable(value)
            if t < low:
                expected = AppendStatus.OUT_OF_BOUNDS
            elif i not in newest or t > newest[i]:
                expected = AppendStatus.OK
                newest[i] = t
                last[i] = (t, value)
                kept.append((i, t, value))
            elif t < newest[i]:
                expected = AppendStatus.OUT_OF_ORDER
            else:
                same = last.get(i) == (t, value)
                expected = AppendStatus.OK if same else AppendStatus.DUPLICATE
            assert AppendStatus(status) is expected
        return kept

    @rule(
        batch=st.lists(st.tuples(indices, st.integers(-40_000, 9_000), values), min_size=1, max_size=30),
        advance=st.integers(0, 20_000),
        commit=st.booleans(),
    )
    def append(self, batch: list[tuple[int, int, float]], advance: int, commit: bool) -> None:
        self.now += advance
        samples = [(i, self.now + offset, value) for i, offset, value in batch]
        appender = self.database.appender()
        refs = {i: appender.series(NAMES[i]) for i, _, _ in samples}
        newest = self.database.head.max_time
        self.floor = newest - WIDTH // 2 if self.want else -(1 << 62)
        statuses = appender.append(
            np.array([refs[i] for i, _, _ in samples]),
            np.array([t for _, t, _ in samples]),
            np.array([v for _, _, v in samples]),
        )
        kept = self._accepted(samples, statuses.tolist())
        if commit:
            appender.commit()
            for i, t, value in kept:
                self.want.setdefault(i, []).append((t, value))
                self.newest[i] = t
        else:
            appender.rollback()

    @rule(count=st.integers(1, 400), step=st.integers(1, 700))
    def append_steadily(self, count: int, step: int) -> None:
        appender = self.database.appender()
        refs = np.array([appender.series(labels) for labels in NAMES])
        for _ in range(count):
            self.now += step
            numbers = np.arange(len(NAMES)) + self.now * 0.5
            statuses = appender.append(refs, np.full(len(NAMES), self.now), numbers)
            for i, status in enumerate(statuses.tolist()):
                if status == AppendStatus.OK and (i not in self.newest or self.now > self.newest[i]):
                    self.want.setdefault(i, []).append((self.now, float(numbers[i])))
                    self.newest[i] = self.now
            appender.commit()

    @rule()
    def upkeep(self) -> None:
        self.database.maintain(self.now)
        assert self.database.events.compactions_failed == 0
        # Series that left the head forget their newest sample: what is too old is then out of bounds.
        for i in list(self.newest):
            if self.database.head.store.find(self.database.head.pairs_of(NAMES[i])) < 0:
                del self.newest[i]

    @rule(index=indices, low=st.integers(0, 200_000), length=st.integers(0, 100_000))
    def delete(self, index: int, low: int, length: int) -> None:
        mint = self.now - low
        maxt = mint + length
        self.views.clear()
        self.database.delete_series([Matcher("i", "=", str(index))], mint, maxt)
        if index in self.want:
            self.want[index] = [s for s in self.want[index] if not mint <= s[0] <= maxt]

    @rule()
    def reopen(self) -> None:
        self.views.clear()
        self.database.close()
        self.database = Database.open(self.path, OPTIONS)
        assert self.database.events.corruptions == 0
        for i in list(self.newest):
            if self.database.head.store.find(self.database.head.pairs_of(NAMES[i])) < 0:
                del self.newest[i]

    @rule()
    def open_view(self) -> None:
        querier = self.database.querier(-(1 << 60), 1 << 60)
        self.views.append((querier, self.expected()))

    @precondition(lambda self: self.views)
    @rule()
    def read_old_view(self) -> None:
        querier, want = self.views[0]
        selection = querier.select([], -(1 << 60), 1 << 60)  # type: ignore[attr-defined]
        got = {}
        for row in range(len(selection.table)):
            batch = selection.read(row, row + 1, -(1 << 60), 1 << 60)
            key = ",".join(f"{n}={v}" for n, v in selection.table.labels(row))
            got[key] = list(zip(batch.timestamps.tolist(), map(comparable, batch.values), strict=True))
        # A block may have been written meanwhile: it can hold samples that are newer than the view.
        newest = max((s[-1][0] for s in want.values()), default=-(1 << 62))
        if all(block.meta.max_time <= newest for block in self.database.blocks()):
            assert {k: v for k, v in got.items() if v} == want
        self.views.pop(0)

    def expected(self) -> dict[str, list[tuple[int, float]]]:
        return {
            ",".join(f"{n}={v}" for n, v in NAMES[i]): list(samples)
            for i, samples in self.want.items()
            if samples
        }

    @invariant()
    def same_contents(self) -> None:
        assert {k: v for k, v in contents(self.database).items() if v} == self.expected()


StoreMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStore = pytest.mark.slow(StoreMachine.TestCase)
