"""Random questions about histograms of every kind: an answer or an error for people, the same at once and in a range."""

from __future__ import annotations

import random
import re

import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.script.commands import Load, parse_script
from vedette.metrics.promql.script.compare import same_value
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.script.notation import Value
from vedette.metrics.promql.script.run import load
from vedette.metrics.promql.syntax.parser import ALL_FEATURES
from vedette.model.labels import Labels

STEP, STEPS = 60_000, 6
DATA = """
load 15s
  h{k="a",j="x"} {{schema:0 count:4 sum:4 buckets:[2 2]}}+{{schema:0 count:2 sum:1 buckets:[1 1]}}x20
  h{k="b",j="x"} {{schema:1 count:4 sum:NaN z_bucket:1 z_bucket_w:0.1 offset:1 buckets:[2 2] n_buckets:[1]}}x5 _x3 stale {{schema:3 count:1 sum:1 z_bucket_w:0.3 buckets:[1]}}x12
  h{k="c",j="y"} {{schema:-53 count:4 sum:4 custom_values:[1 2] buckets:[2 1 1]}}x5 {{schema:-53 count:4 sum:4 custom_values:[1 3] buckets:[2 1 1]}}x15
  h{k="d",j="y"} 1 2 3 {{schema:0 count:4 sum:Inf buckets:[2 2]}}x5 4 5 6 {{schema:2 count:4 sum:4 buckets:[2 2] counter_reset_hint:gauge}}x10
  h{k="e",j="z"} {{}}x20
  h{k="f",j="z"}@st _ -5s-15sx18
  h{k="f",j="z"} {{schema:0 count:1e308 sum:1e308 buckets:[1e308]}}x20
  f{k="a",j="x"} 1+1x20
  f{k="b",j="y"} NaN 1 Inf -Inf 0 1x15
"""
# Words that stand for one of several; VECTOR is another question.
WORDS = {
    "SELECTOR": ["h", "f", 'h{k=~"a|b"}', 'h{j="x"}', 'h{k="c"}', 'h{k="d"}', 'h{k="f"}'],
    "MODIFIER": ["", "", "", "offset 15s", "offset -1m", "@ 60"],
    "WINDOW": [
        "rate",
        "increase",
        "delta",
        "irate",
        "idelta",
        "resets",
        "changes",
        "sum_over_time",
        "avg_over_time",
        "min_over_time",
        "count_over_time",
        "last_over_time",
        "first_over_time",
        "present_over_time",
        "stddev_over_time",
        "deriv",
        "ts_of_last_over_time",
    ],
    "GROWTH": ["rate", "increase", "delta"],
    "FUNCTION": [
        "abs",
        "histogram_count",
        "histogram_sum",
        "histogram_avg",
        "histogram_stddev",
        "histogram_stdvar",
        "timestamp",
        "start_timestamp",
        "-",
        "+",
    ],
    "AGGREGATION": ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"],
    "GROUPING": ["", "by (k)", "without (k)"],
    "OPERATOR": ["+", "-", "*", "/", "==", "!=", "== bool", ">", "</", ">/", "^", "%", "atan2"],
    # Not `or`: which of two names a series has in a range depends on what came first.
    "SET": ["and", "unless"],
    "NUMBER": ["0", "1", "-1", "0.5", "NaN", "Inf", "-Inf", "1e308", "time()", "scalar(f)"],
    "RANGE": ["15s", "1m", "2m", "10m"],
    "EXTENSION": ["anchored", "smoothed"],
}
QUESTIONS = [
    "WINDOW(SELECTOR[RANGE])",
    "GROWTH(SELECTOR[RANGE] EXTENSION)",
    "WINDOW((VECTOR)[RANGE:20s])",
    "FUNCTION(VECTOR)",
    "AGGREGATION GROUPING (VECTOR)",
    "quantile(NUMBER, VECTOR)",
    'count_values("v", VECTOR)',
    "histogram_quantile(NUMBER, VECTOR)",
    "histogram_fraction(NUMBER, NUMBER, VECTOR)",
    "(VECTOR) OPERATOR NUMBER",
    "NUMBER OPERATOR (VECTOR)",
    "(VECTOR) OPERATOR ignoring (x) (VECTOR)",
    "(VECTOR) SET (VECTOR)",
    'label_replace(VECTOR, "k", "x$1", "k", "(.*)")',
]
_WORD = re.compile(r"\b(?:VECTOR|" + "|".join(WORDS) + r")\b")


def question(rng: random.Random, depth: int) -> str:
    """An instant vector, at most `depth` operators deep."""

    def one(word: re.Match[str]) -> str:
        return question(rng, rng.randrange(depth)) if word[0] == "VECTOR" else rng.choice(WORDS[word[0]])

    return _WORD.sub(one, rng.choice(QUESTIONS) if depth else "SELECTOR MODIFIER")


def column(result: QueryResult, step: int) -> dict[Labels, Value]:
    out: dict[Labels, Value] = {}
    for row, labels in enumerate(result.table):
        if result.present[row, step]:
            found = None if result.histograms is None else result.histograms[row, step]
            out[labels] = float(result.values[row, step]) if found is None else found
    return out


@pytest.fixture(scope="module")
def engine() -> Engine:
    store = MemoryStorage()
    for command in parse_script(DATA):
        assert isinstance(command, Load)
        load(store, command)
    return Engine(store, enable_features=ALL_FEATURES)


@pytest.mark.parametrize("seed", range(8))
def test_at_once_and_in_a_range(engine: Engine, seed: int) -> None:
    rng = random.Random(seed)
    with_histograms = 0
    for _ in range(120):
        query = question(rng, 3)
        try:
            whole = engine.range(query, 0, STEP * (STEPS - 1), STEP)
        except QueryError:
            continue
        encode_result(whole)
        with_histograms += whole.histograms is not None
        for step in (0, STEPS // 2):
            want = column(whole, step)
            got = column(engine.instant(query, step * STEP), 0)
            assert got.keys() == want.keys(), query
            assert all(same_value(got[labels], want[labels]) for labels in got), query
    assert with_histograms > 10
