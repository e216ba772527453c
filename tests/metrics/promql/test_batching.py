"""An answer is the same to the last bit however its rows are cut into batches, and whoever computes them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vedette.kernels import plain
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.run.batches import Batching
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.syntax.parser import ALL_FEATURES
from vedette.model.labels import Labels
from vedette.model.values import STALE_NAN

BATCHINGS = [
    Batching(rows=1, threads_from=math.inf),
    Batching(rows=3, threads_from=0),
    Batching(rows=7, threads_from=math.inf),
    Batching(cells=40, threads_from=0),
]
AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
CHOICES = ["topk(3, %s)", "bottomk(2, %s)", "limitk(4, %s)", "limit_ratio(0.4, %s)", "quantile(0.9, %s)"]
WINDOWS = [
    *(
        f"{name}_over_time(m_total[90s])"
        for name in ("sum", "avg", "min", "max", "stddev", "last", "mad", "present")
    ),
    *(f"{name}(m_total[2m])" for name in ("rate", "increase", "irate", "resets", "changes", "deriv")),
    "quantile_over_time(0.3, m_total[2m])",
    "predict_linear(m_total[2m], 60)",
    "double_exponential_smoothing(m_total[2m], 0.3, 0.4)",
    "rate(m_total[2m] anchored)",
    "increase(m_total[2m] smoothed)",
    "max_over_time(rate(m_total[1m])[2m:30s])",
]
QUERIES = [
    "m_total",
    "m_total smoothed",
    "timestamp(m_total)",
    *WINDOWS,
    *(f"{name} by (g) (rate(m_total[1m]))" for name in AGGREGATIONS),
    *(f"{name} without (i) (m_total)" for name in AGGREGATIONS),
    *(choice % "m_total" for choice in CHOICES),
    *(choice.replace("(", " by (g) (", 1) % "rate(m_total[2m])" for choice in CHOICES),
    'count_values("v", m_total % 3)',
    "absent(m_total{g='none'})",
    "absent_over_time(m_total{g='1'}[30s])",
    "histogram_quantile(0.9, sum by (le, g) (rate(b_bucket[2m])))",
    "histogram_fraction(0, 2, b_bucket)",
    "m_total / on (g) group_left () sum by (g) (m_total)",
    "m_total > 20 and on (g) rate(m_total[1m]) < 5",
    "sum(m_total) + scalar(max(m_total)) - avg(m_total @ 60)",
    "label_replace(m_total, 'j', 'x$1', 'i', '(.)')",
]


@pytest.fixture(scope="module")
def store() -> MemoryStorage:
    store = MemoryStorage()
    rng = np.random.default_rng(11)
    for i in range(40):
        labels = Labels({"__name__": "m_total", "i": f"{i:02}", "g": str(i % 4)})
        total = 0.0
        for t in range(24):
            if rng.random() < 0.15:
                continue
            total = 0.0 if rng.random() < 0.05 else total + float(rng.random()) * 10
            value = STALE_NAN if rng.random() < 0.03 else math.nan if rng.random() < 0.02 else total
            store.add(labels, t * 15_000 + int(rng.integers(0, 3000)), value)
    for i in range(4):
        for number, bound in enumerate(("1", "2.5", "+Inf")):
            labels = Labels({"__name__": "b_bucket", "i": str(i), "g": str(i % 2), "le": bound})
            for t in range(24):
                store.add(labels, t * 15_000, float(t * (number + 1) * (i + 1)))
    return store


def ask(store: MemoryStorage, query: str, batching: Batching) -> QueryResult:
    return Engine(store, enable_features=ALL_FEATURES, batching=batching).range(
        query, 30_000, 400_000, 37_000
    )


@pytest.mark.parametrize("query", QUERIES)
def test_batches_and_threads_change_no_answer(store: MemoryStorage, query: str) -> None:
    whole = encode_result(ask(store, query, Batching()))
    for batching in BATCHINGS:
        assert encode_result(ask(store, query, batching)) == whole, batching


@pytest.mark.parametrize("query", QUERIES)
def test_plain_kernels_give_the_same_answer(store: MemoryStorage, query: str) -> None:
    compiled = ask(store, query, Batching())
    with plain.replaced():
        twin = ask(store, query, Batching(rows=5))
    assert list(twin.table) == list(compiled.table)
    assert np.array_equal(twin.present, compiled.present)
    there = compiled.present
    assert there.any()
    assert np.allclose(twin.values[there], compiled.values[there], rtol=1e-9, atol=1e-9, equal_nan=True)
