"""Limits of the engine: what a query may hold, when it ends, and that it leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryCanceled, QueryError, QueryTimeout, TooManySamples
from vedette.metrics.promql.run.batches import Batching
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.tsdb.database import Database
from vedette.model.labels import Labels

FEATURES = frozenset({"promql-experimental-functions"})
HELD = "query processing would load too many samples into memory in query execution"


@pytest.fixture(scope="module")
def small() -> MemoryStorage:
    """Ten series with a sample every ten seconds, and one of thirty that ends."""
    store = MemoryStorage()
    for i in range(10):
        for t in range(101):
            store.add(Labels({"__name__": "m", "x": str(i)}), t * 10_000, float(t * i))
    for t in range(30):
        store.add(Labels({"__name__": "short"}), t * 10_000, 1.0)
    return store


# Ranges of 0..100 s in steps of 10 s: eleven steps.
@pytest.mark.parametrize(
    ("query", "enough"),
    [
        ("1", 0),
        ('m{x="1"}', 11),
        ("m", 110),
        ('m{x="1"} + m{x="1"}', 22),
        ('m{x="1"} or m{x="2"}', 22),
        ("m + on (x) m", 220),
        ("short", 11),
        ('last_over_time(m{x="1"}[2m])', 11),
        ('max_over_time(m{x="1"}[50s:1s] offset -100s)', 150),
        ('m{x="1"} @ 50', 11),
    ],
)
def test_samples_held_at_a_time_are_limited(small: MemoryStorage, query: str, enough: int) -> None:
    generous = Engine(small, max_samples=enough * 2 + 12)
    peak = generous.range(query, 0, 100_000, 10_000).stats.peak_samples
    assert enough <= peak <= enough * 2 + 12
    assert Engine(small, max_samples=peak).range(query, 0, 100_000, 10_000).stats.peak_samples == peak
    if peak:
        with pytest.raises(TooManySamples, match=HELD):
            Engine(small, max_samples=peak - 1).range(query, 0, 100_000, 10_000)


@pytest.mark.parametrize(
    "query",
    [
        "count_over_time(m[10y:1ms])",
        "max_over_time(vector(1)[200y:1ms])",
        "sum_over_time(nothing[100y:1ms])",
        "m[100y:1ms]",
    ],
)
def test_grids_that_no_memory_holds_are_refused_at_once(small: MemoryStorage, query: str) -> None:
    began = time.monotonic()
    with pytest.raises(TooManySamples):
        Engine(small).instant(query, 1_000_000)
    assert time.monotonic() - began < 5


def test_many_gaps_count_for_a_part() -> None:
    store = MemoryStorage()
    for i in range(400):
        store.add(Labels({"__name__": "m", "x": str(i)}), i * 10_000, 1.0)
    # 400 series x 400 steps, of which each has one sample within its lookback of one step.
    engine = Engine(store, max_samples=100_000, lookback_ms=10_000)
    assert engine.range("m", 0, 3_990_000, 10_000).rows == 400
    with pytest.raises(TooManySamples):
        engine.range("m + ignoring (x) group_left sum(m)", 0, 3_990_000, 2_000)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Twenty thousand series with forty samples."""
    with Database.open(tmp_path_factory.mktemp("large")) as database:
        appender = database.appender()
        names = ("pod", "endpoint", "job")
        refs = np.array(
            [
                appender.series(
                    Labels(
                        {
                            "__name__": "m",
                            **dict(zip(names, (f"p-{i:05d}", f"/{i % 50}", f"j{i % 7}"), strict=True)),
                        }
                    )
                )
                for i in range(20_000)
            ],
            dtype=np.int64,
        )
        values = np.random.default_rng(5).uniform(0, 1000, len(refs))
        for t in range(40):
            appender.append(refs, np.full(len(refs), t * 15_000, dtype=np.int64), values + t)
        appender.commit()
        yield database


HEAVY = [
    "m",
    "rate(m[5m])",
    "sum by (pod) (rate(m[5m]))",
    "m * on (pod, endpoint, job) m",
    "m * on (job) group_left () sum by (job) (m)",
    "m and m offset 30s",
    "m or m offset 30s",
    "sqrt(m) + ln(m) * 2 > 1",
    "round(clamp(m, 1, 500), 0.1)",
    "topk by (endpoint) (3, m)",
    "quantile by (endpoint) (0.9, m)",
    'count_values("v", m)',
    "limit_ratio(0.5, m)",
    "max_over_time(rate(m[1m])[5m:15s])",
    "quantile_over_time(0.5, m[10m])",
    'label_replace(m, "x", "$1-$2", "pod", "(.*)-(.*)")',
    'label_join(m, "x", "-", "pod", "job")',
    'histogram_quantile(0.9, label_replace(m, "le", "$1", "pod", "p-(.*)"))',
    'count(m{pod=~".*1.*3.*"}) + count(m{pod!~".*7.*2.*"})',
    "sort_desc(m)",
    "m[10m:1s]",
]


def ask(engine: Engine, query: str, canceled: threading.Event | None = None) -> None:
    if query.endswith("]"):
        engine.instant(query, 600_000, canceled=canceled)
    else:
        engine.range(query, 300_000, 600_000, 3_000, canceled=canceled)


@pytest.fixture
def little_to_collect() -> Iterator[None]:
    """As in a role that has started: what other tests have left is not looked at by the collector of cycles."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.usefixtures("little_to_collect")
@pytest.mark.parametrize("query", HEAVY)
def test_a_canceled_query_ends_soon(large: Database, query: str) -> None:
    engine = Engine(large, enable_features=FEATURES)
    began = time.monotonic()
    ask(engine, query)
    whole = time.monotonic() - began
    # Other programs may be at work, too: twice as long as promised passes, and a bad moment is asked again.
    for share in (0.2, 0.5, 0.8):
        for _ in range(4):
            canceled, ended = threading.Event(), []

            def run(canceled: threading.Event = canceled, ended: list[float] = ended) -> None:
                with contextlib.suppress(QueryCanceled):
                    ask(engine, query, canceled)
                ended.append(time.monotonic())

            thread = threading.Thread(target=run)
            thread.start()
            time.sleep(whole * share)
            wish = time.monotonic()
            canceled.set()
            thread.join()
            if ended[0] - wish < 0.1:
                break
        else:
            pytest.fail(f"ended {ended[0] - wish:.3f} s after the wish, four times")


@pytest.mark.slow
@pytest.mark.parametrize("query", HEAVY)
def test_a_timeout_is_told_in_the_original_s_words(large: Database, query: str) -> None:
    engine = Engine(large, timeout_s=0.001, enable_features=FEATURES)
    with pytest.raises(QueryTimeout) as error:
        ask(engine, query)
    assert str(error.value) == "query timed out in expression evaluation"


@pytest.mark.slow
@pytest.mark.parametrize("query", HEAVY)
def test_a_refused_query_leaves_nothing_behind(large: Database, query: str) -> None:
    """Also while the error lives on, and without the collector of cycles."""
    engine = Engine(large, max_samples=400_000, enable_features=FEATURES)

    def refused() -> QueryError | None:
        try:
            ask(engine, query)
        except QueryError as error:
            return error
        return None

    refused()  # fills caches
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = refused()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 200_000, kept
    assert kept is None or kept.stats is not None


def test_batches_of_the_same_query_count_alike(small: MemoryStorage) -> None:
    peaks = {
        Engine(small, batching=Batching(rows=rows)).range("m * 2", 0, 100_000, 10_000).stats.peak_samples
        for rows in (1, 3, 1000)
    }
    assert len(peaks) == 1


def test_the_error_of_a_door_holds_no_frames(tmp_path: Path, small: MemoryStorage) -> None:
    try:
        Engine(small, max_samples=5).range("m", 0, 100_000, 10_000)
    except TooManySamples as error:
        found = error
    assert found.__context__ is None and found.__cause__ is None
    frames = []
    trace = found.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    held = [value for frame in frames for value in frame.f_locals.values()]
    assert not [value for value in held if type(value).__name__ in ("Context", "Matrix", "LabelTable")]
