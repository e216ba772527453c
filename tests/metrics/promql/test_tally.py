"""Samples that each step looks at, as ``stats=all`` lists them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.run.tally import Tally, histogram_samples
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Labels
from vedette.model.values import STALE_NAN

FEATURES = frozenset({"promql-experimental-functions", "promql-extended-range-selectors"})


@pytest.fixture
def engine() -> Engine:
    store = MemoryStorage()
    for i in range(40):
        for x in ("a", "b"):
            store.add(Labels({"__name__": "m", "x": x}), i * 10_000, float(i))
    for i in range(5):  # ends early, with a stale marker
        store.add(Labels({"__name__": "short"}), i * 10_000, STALE_NAN if i == 4 else 1.0)
    return Engine(store, enable_features=FEATURES)


# Steps at 105 s, 135 s, 165 s: off the grid of the samples.
@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("1", [0, 0, 0]),
        ("m", [2, 2, 2]),
        ("m + m", [4, 4, 4]),
        ("nothing", [0, 0, 0]),
        ("sum(m)", [2, 2, 2]),
        ("rate(m[1m])", [12, 12, 12]),
        ("sum by (x) (rate(m[1m]))", [12, 12, 12]),
        ("rate(m[5m])", [22, 28, 34]),
        ("rate(m[1m] offset 80s)", [6, 12, 12]),
        # Fixed by @: computed once, and every step counts it.
        ("sum(m @ 50)", [2, 2, 2]),
        ("rate(m[1m] @ 50)", [12, 12, 12]),
        ("predict_linear(m[1m] @ 50, 60)", [12, 12, 12]),
        ("timestamp(m @ 50)", [2, 2, 2]),
        ("scalar(m{x='a'} @ 50)", [1, 1, 1]),
        # A subquery counts what is in its windows, not how that was made.
        ("max_over_time(m[1m:20s])", [6, 6, 6]),
        ("max_over_time(rate(m[5m])[1m:20s])", [6, 6, 6]),
        ("sum_over_time(max_over_time(rate(m[5m])[1m:20s])[40s:20s])", [4, 4, 4]),
        # Equal parts are computed once and counted each.
        ("rate(m[1m]) / rate(m[1m])", [24, 24, 24]),
        ("sum(rate(m[1m])) / sum(rate(m[1m]))", [24, 24, 24]),
        ("absent(m)", [2, 2, 2]),
        ("count_over_time(short[80s])", [1, 0, 0]),
        ("short", [0, 0, 0]),
        ("topk(1, m) and m", [4, 4, 4]),
        ("quantile_over_time(scalar(m{x='a'} / 1e9), m[1m])", [13, 13, 13]),
        # An anchored range also looks for the sample before it.
        ("increase(m[30s] anchored)", [22, 28, 34]),
    ],
)
def test_range_queries(engine: Engine, query: str, counts: list[int]) -> None:
    result = engine.range(query, 105_000, 165_000, 30_000, stats=True)
    assert result.stats.per_step is not None
    assert result.stats.per_step.tolist() == counts
    alone = [engine.instant(query, at, stats=True).stats.per_step for at in (105_000, 135_000, 165_000)]
    assert [a.tolist() for a in alone if a is not None] == [[n] for n in counts]


@pytest.mark.parametrize(
    ("query", "count"),
    [("m[1m]", 12), ("m[1m:10s]", 12), ("rate(m[1m])[40s:20s]", 24), ("m", 2), ("'text'", 0)],
)
def test_raw_ranges_of_instant_queries(engine: Engine, query: str, count: int) -> None:
    stats = engine.instant(query, 105_000, stats=True).stats
    assert stats.per_step is not None and stats.per_step.tolist() == [count]


def test_nothing_is_counted_unasked(engine: Engine) -> None:
    assert engine.instant("m", 105_000).stats.per_step is None


def test_histograms_count_by_their_size() -> None:
    bare = FloatHistogram()
    assert histogram_samples(bare) == 11  # 168 bytes and a timestamp
    spans = FloatHistogram(positive={1: 1.0, 2: 1.0, 5: 1.0}, negative={0: 2.0})
    assert histogram_samples(spans) == (168 + 8 * (3 + 4) + 8) // 16
    store = MemoryStorage()
    for i in range(6):
        store.add(Labels({"__name__": "h"}), i * 10_000, spans)
    engine = Engine(store)
    for query, n in (("h", 1), ("count_over_time(h[30s])", 3)):
        stats = engine.instant(query, 45_000, stats=True).stats
        assert stats.per_step is not None and stats.per_step.tolist() == [n * histogram_samples(spans)]


@given(
    times=st.lists(st.lists(st.integers(-50, 300), max_size=8), max_size=4),
    first=st.integers(0, 100),
    step=st.integers(0, 40),
    span=st.integers(1, 90),
    count=st.integers(1, 6),
)
def test_windows_are_counted_as_one_would(
    times: list[list[int]], first: int, step: int, span: int, count: int
) -> None:
    rows = [sorted(set(row)) for row in times]
    flat = np.array([t for row in rows for t in row], dtype=np.int64)
    offsets = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    tally = Tally(count)
    tally.windows(SampleBatch(offsets, flat, flat.astype(np.float64)), first, step, span)
    ends = [first + i * step for i in range(count)]
    assert tally.counts.tolist() == [sum(end - span < t <= end for row in rows for t in row) for end in ends]
