from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import (
    ExecutionError,
    ParseError,
    QueryCanceled,
    QueryTimeout,
    TooManySamples,
)
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.run.batches import Batching
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.syntax.parser import parse
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Labels
from vedette.model.values import STALE_NAN


def labels(text: str, **more: str) -> Labels:
    return Labels({"__name__": text, **more})


@pytest.fixture
def store() -> MemoryStorage:
    made = MemoryStorage()
    for i in range(10):
        made.add(labels("m", x="b"), i * 15_000, float(i))
        made.add(labels("m", x="a"), i * 15_000, float(10 * i))
    return made


def data(result: object) -> object:
    return json.loads(encode_result(result))  # type: ignore[arg-type]


def test_vector(store: MemoryStorage) -> None:
    result = Engine(store).instant("m", 31_500)
    assert result.kind == "vector"
    assert data(result) == {
        "resultType": "vector",
        "result": [
            {"metric": {"__name__": "m", "x": "a"}, "value": [31.5, "20"]},
            {"metric": {"__name__": "m", "x": "b"}, "value": [31.5, "2"]},
        ],
    }


def test_matrix_is_sorted_by_labels(store: MemoryStorage) -> None:
    store.add(labels("a_first"), 0, float("nan"))
    result = Engine(store).range('{__name__=~".+"}', 0, 15_000, 15_000)
    assert data(result) == {
        "resultType": "matrix",
        "result": [
            {"metric": {"__name__": "a_first"}, "values": [[0, "NaN"], [15, "NaN"]]},
            {"metric": {"__name__": "m", "x": "a"}, "values": [[0, "0"], [15, "10"]]},
            {"metric": {"__name__": "m", "x": "b"}, "values": [[0, "0"], [15, "1"]]},
        ],
    }


def test_gaps_are_left_out_and_stale_series_end(store: MemoryStorage) -> None:
    store.add(labels("s"), 0, 1.0)
    store.add(labels("s"), 20_000, STALE_NAN)
    store.add(labels("s"), 40_000, float("inf"))
    result = Engine(store).range("s", 0, 45_000, 15_000)
    assert data(result)["result"] == [  # type: ignore[index]
        {"metric": {"__name__": "s"}, "values": [[0, "1"], [15, "1"], [45, "+Inf"]]}
    ]


def test_scalar_string_and_raw_samples(store: MemoryStorage) -> None:
    engine = Engine(store)
    assert data(engine.instant("1/3", 1500)) == {
        "resultType": "scalar",
        "result": [1.5, "0.3333333333333333"],
    }
    assert data(engine.instant('"a\\"b"', 0)) == {"resultType": "string", "result": [0, 'a"b']}
    assert data(engine.instant('m{x="b"}[30s]', 30_000)) == {
        "resultType": "matrix",
        "result": [{"metric": {"__name__": "m", "x": "b"}, "values": [[15, "1"], [30, "2"]]}],
    }
    assert data(engine.range("1", 0, 1000, 1000)) == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[0, "1"], [1, "1"]]}],
    }


def test_histograms_in_json() -> None:
    store = MemoryStorage()
    store.add(labels("h"), 0, FloatHistogram(0, 3, 4.5, 0.001, 1.0, {1: 2.0}))
    assert data(Engine(store).instant("h", 0)) == {
        "resultType": "vector",
        "result": [
            {
                "metric": {"__name__": "h"},
                "histogram": [
                    0,
                    {
                        "count": "3",
                        "sum": "4.5",
                        "buckets": [[3, "-0.001", "0.001", "1"], [0, "1", "2", "2"]],
                    },
                ],
            }
        ],
    }


def test_label_values_of_any_text_are_escaped() -> None:
    store = MemoryStorage()
    store.add(labels("m", a='q"\\\n\x01é'), 0, 1.0)
    assert data(Engine(store).instant("m", 0))["result"][0]["metric"]["a"] == 'q"\\\n\x01é'  # type: ignore[index]


def test_too_many_samples(store: MemoryStorage) -> None:
    engine = Engine(store, max_samples=15)
    assert engine.instant("m", 0).rows == 2
    with pytest.raises(TooManySamples) as error:
        engine.range("m", 0, 135_000, 15_000)
    assert str(error.value) == "query processing would load too many samples into memory in query execution"


def test_what_was_held_is_given_back(store: MemoryStorage) -> None:
    engine = Engine(store, max_samples=50)
    query = " + ".join(["sum(m)"] * 20)
    assert engine.range(query, 0, 60_000, 15_000).rows == 1
    query = " + ".join(f"(m * {i})" for i in range(20))
    assert engine.range(query, 0, 60_000, 15_000).rows == 2


def test_canceled(store: MemoryStorage) -> None:
    canceled = threading.Event()
    canceled.set()
    with pytest.raises(QueryCanceled):
        Engine(store).instant("sum(m)", 0, canceled=canceled)


def test_timeout(store: MemoryStorage) -> None:
    with pytest.raises(QueryTimeout, match="query timed out in expression evaluation"):
        Engine(store).instant("sum(m)", 0, timeout_s=-1.0)


def test_a_range_query_has_no_range_vector(store: MemoryStorage) -> None:
    with pytest.raises(ParseError, match='invalid expression type "range vector" for range query'):
        Engine(store).range("m[5m]", 0, 1000, 1000)


def test_lookback_is_open_on_the_left(store: MemoryStorage) -> None:
    engine = Engine(store, lookback_ms=60_000)
    last = 9 * 15_000
    assert engine.instant("m", last + 59_999).rows == 2
    assert engine.instant("m", last + 60_000).rows == 0
    assert engine.instant("m", last + 60_000, lookback_ms=60_001).rows == 2


def test_names_go_at_once_or_at_the_end(store: MemoryStorage) -> None:
    store.add(labels("n", x="a"), 0, 1.0)
    query = 'label_replace(abs({__name__=~"m|n", x="a"}), "was", "$1", "__name__", "(.+)")'
    with pytest.raises(ExecutionError, match="vector cannot contain metrics with the same labelset"):
        Engine(store).instant(query, 0)
    delayed = Engine(store, enable_features=frozenset(("promql-delayed-name-removal",)))
    assert sorted(x["was"] for x in delayed.instant(query, 0).table) == ["m", "n"]


def test_an_aggregation_in_batches_sees_duplicates_too(store: MemoryStorage) -> None:
    store.add(labels("n", x="a"), 0, 1.0)
    store.add(labels("n", x="a"), 15_000, 1.0)
    with pytest.raises(ExecutionError, match="vector cannot contain metrics with the same labelset"):
        Engine(store).instant('sum(rate({__name__=~"m|n"}[1m]))', 15_000)


def test_the_first_sample_of_a_series_decides_whether_its_name_goes() -> None:
    """As in the original a range differs here from its steps, each asked alone."""
    store = MemoryStorage()
    for i in range(3):
        store.add(labels("n", x="a"), i * 60_000, 5.0)
        if i:
            store.add(labels("m", x="a"), i * 60_000, 1.0)
    engine = Engine(store, enable_features=frozenset(("promql-delayed-name-removal",)))
    query = '(-m) or label_replace(n, "__name__", "m", "", "")'
    whole = engine.range(query, 0, 120_000, 60_000)
    assert list(whole.table) == [labels("m", x="a")]
    assert whole.values.tolist() == [[5.0, -1.0, -1.0]]
    assert list(engine.instant(query, 60_000).table) == [Labels({"x": "a"})]


def test_start_timestamps_are_used_behind_their_flag() -> None:
    store = MemoryStorage()
    for i, value in enumerate((5.0, 7.0)):
        store.add(labels("m_total"), 60_000 + i * 60_000, value, 30_000)
    functions = frozenset(("promql-experimental-functions",))
    without = Engine(store, enable_features=functions)
    within = Engine(store, enable_features=functions | {"use-start-timestamps"})
    assert without.instant("start_timestamp(m_total)", 120_000).values.tolist() == [[0.0]]
    assert within.instant("start_timestamp(m_total)", 120_000).values.tolist() == [[30.0]]
    assert without.instant("increase(m_total[2m])", 120_000).values.tolist() == [[4.0]]
    assert within.instant("increase(m_total[2m])", 120_000).values.tolist() == [[7.0]]


@pytest.mark.parametrize(
    "batching",
    [Batching(rows=1), Batching(rows=7, threads_from=0), Batching(rows=64, threads_from=0)],
    ids=str,
)
def test_many_batches_give_what_one_gives(batching: Batching) -> None:
    store = MemoryStorage()
    rng = np.random.default_rng(5)
    for i in range(300):
        for j in range(20):
            store.add(labels("m_total", g=str(i % 7), i=str(i)), j * 15_000, float(rng.integers(0, 100)))
    query = "sum by (g) (rate(m_total[1m])) / avg by (g) (max_over_time(m_total[2m]))"
    whole = Engine(store).range(query, 0, 300_000, 15_000)
    parts = Engine(store, batching=batching).range(query, 0, 300_000, 15_000)
    assert encode_result(parts) == encode_result(whole)


def test_many_threads_share_an_engine(store: MemoryStorage) -> None:
    engine = Engine(store)
    want = encode_result(engine.range("sum by (x) (rate(m[1m]))", 0, 135_000, 5_000))
    wrong: list[bytes] = []

    def ask() -> None:
        for _ in range(20):
            got = encode_result(engine.range("sum by (x) (rate(m[1m]))", 0, 135_000, 5_000))
            if got != want:
                wrong.append(got)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_made_up_labels_do_not_grow_the_store(store: MemoryStorage) -> None:
    Engine(store).instant("m", 60_000)
    before = len(store.symbols)
    Engine(store).instant('count_values("v", m)', 60_000)
    Engine(store).instant('label_replace(m, "new", "made-up-$1", "x", "(.*)")', 60_000)
    assert len(store.symbols) == before


@pytest.mark.parametrize("operator", [" or m", " + 1", " and m", " unless on (x) absent(m)"])
def test_a_long_row_of_operators_is_answered(store: MemoryStorage, operator: str) -> None:
    query = "m" + operator * 2_000
    assert str(parse(query)) == query
    began = time.process_time()
    result = data(Engine(store).range(query, 0, 15_000, 15_000))
    assert len(result["result"]) == 2  # type: ignore[index,call-overload]
    # Each operator once: what is asked of every node must not look at all beneath it.
    assert time.process_time() - began < 5


def test_the_deepest_nesting_is_answered(store: MemoryStorage) -> None:
    query = "sum(" * 198 + "m" + ")" * 198
    assert data(Engine(store).instant(query, 15_000)) == {
        "resultType": "vector",
        "result": [{"metric": {}, "value": [15, "11"]}],
    }


def test_a_subquery_of_more_steps_than_could_be_held_is_refused_before_it_is_begun(
    store: MemoryStorage,
) -> None:
    started = time.monotonic()
    with pytest.raises(TooManySamples):
        Engine(store).range("sum_over_time(m[30s:10s])", -(10**12), 10**12, 10**9)
    assert time.monotonic() - started < 1


def test_the_text_of_a_long_plan_is_soon_written(store: MemoryStorage) -> None:
    started = time.monotonic()
    text = Engine(store).explain(" + ".join(["m"] * 1500), 0, 0)
    assert text.count("join +") == 1499
    assert time.monotonic() - started < 5
