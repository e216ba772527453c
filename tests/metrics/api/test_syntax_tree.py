from __future__ import annotations

from typing import Any

import orjson
import pytest

from vedette.metrics.api.syntax_tree import show_tree
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse

UP = {
    "type": "vectorSelector",
    "name": "up",
    "matchers": [{"name": "__name__", "value": "up", "type": "="}],
    "offset": 0,
    "offsetExpr": None,
    "timestamp": None,
    "startOrEnd": None,
    "anchored": False,
    "smoothed": False,
}
RANGE = UP | {"type": "matrixSelector", "range": 60_000, "rangeExpr": None}
ONE = {"type": "numberLiteral", "val": "1"}
PLAIN_MATCHING = {
    "card": "one-to-one",
    "labels": [],
    "on": False,
    "include": [],
    "fillValues": {"lhs": None, "rhs": None},
}


def subquery(**other: Any) -> dict[str, Any]:
    return {
        "type": "subquery",
        "expr": UP,
        "range": 300_000,
        "rangeExpr": None,
        "step": 0,
        "stepExpr": None,
        "offset": 0,
        "offsetExpr": None,
        "timestamp": None,
        "startOrEnd": None,
    } | other


def binary(op: str, left: Any, right: Any, **matching: Any) -> dict[str, Any]:
    """Between vectors."""
    return {
        "type": "binaryExpr",
        "op": op,
        "lhs": left,
        "rhs": right,
        "bool": False,
        "matching": PLAIN_MATCHING | matching,
    }


def computed(op: str, left: Any, right: Any, *, wrapped: bool = False) -> dict[str, Any]:
    return {"type": "durationExpr", "op": op, "lhs": left, "rhs": right, "wrapped": wrapped}


STEP = computed("step", None, None)
MINUTE = {"type": "numberLiteral", "val": "60", "duration": True}


def number(text: str) -> dict[str, Any]:
    return {"type": "numberLiteral", "val": text, "duration": False}


def function(name: str, arguments: list[str], returns: str = "vector", variadic: int = 0) -> dict[str, Any]:
    return {"name": name, "argTypes": arguments, "variadic": variadic, "returnType": returns}


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("up", UP),
        (
            'up{job!="a",x=~"b.",y!~"c"} @ end() offset 5m',
            UP
            | {
                "matchers": [
                    {"name": "job", "value": "a", "type": "!="},
                    {"name": "x", "value": "b.", "type": "=~"},
                    {"name": "y", "value": "c", "type": "!~"},
                    {"name": "__name__", "value": "up", "type": "="},
                ],
                "offset": 300_000,
                "startOrEnd": "end",
            },
        ),
        ('{"up"}', UP | {"name": ""}),
        ("up offset -1.5", UP | {"offset": -1500}),
        ("up offset -step()", UP | {"offsetExpr": computed("-", None, STEP)}),
        ("up offset +step()", UP | {"offsetExpr": computed("+", None, STEP)}),
        ("up smoothed", UP | {"smoothed": True}),
        ("up @ start()", UP | {"startOrEnd": "start"}),
        ("up[1m] @ 2.5", RANGE | {"timestamp": 2500}),
        ("up[1m] anchored", RANGE | {"anchored": True}),
        ("up[60]", RANGE),
        ("up[1m + 2]", RANGE | {"range": 0, "rangeExpr": computed("+", MINUTE, number("2"))}),
        (
            "up[max_of(1m, (step() ^ 2))]",
            RANGE | {"range": 0, "rangeExpr": computed("max_of", MINUTE, computed("^", STEP, number("2"), wrapped=True))},
        ),
        ("-(1.5)", {"type": "unaryExpr", "op": "-", "expr": {"type": "parenExpr", "expr": {"type": "numberLiteral", "val": "1.5"}}}),
        ("-1h", {"type": "numberLiteral", "val": "-3600"}),
        ("Inf", {"type": "numberLiteral", "val": "+Inf"}),
        ("'a\\n'", {"type": "stringLiteral", "val": "a\n"}),
        (r'"\xff"', {"type": "stringLiteral", "val": "�"}),
        (
            "topk by (job) (1, up)",
            {"type": "aggregation", "op": "topk", "expr": UP, "param": ONE, "grouping": ["job"], "without": False},
        ),
        (
            "SUM without () (up)",
            {"type": "aggregation", "op": "sum", "expr": UP, "param": None, "grouping": [], "without": True},
        ),
        ("up + up", binary("+", UP, UP)),
        (
            "up * on (a) group_left (b) up",
            binary("*", UP, UP, card="many-to-one", labels=["a"], on=True, include=["b"]),
        ),
        (
            "up / ignoring (a) group_right up",
            binary("/", UP, UP, card="one-to-many", labels=["a"]),
        ),
        ("up unless on () up", binary("unless", UP, UP, card="many-to-many", on=True)),
        ("up + fill_left (2) up", binary("+", UP, UP, fillValues={"lhs": 2.0, "rhs": None})),
        ("up > bool 1", binary(">", UP, ONE) | {"bool": True, "matching": None}),
        ("1 - on () 1", binary("-", ONE, ONE) | {"matching": None}),
        ("rate(up[1m])", {"type": "call", "func": function("rate", ["matrix"]), "args": [RANGE]}),
        ("time()", {"type": "call", "func": function("time", [], "scalar"), "args": []}),
        (
            "label_join(up, 'a', 'b')",
            {
                "type": "call",
                "func": function("label_join", ["vector", "string", "string", "string"], variadic=-1),
                "args": [UP, {"type": "stringLiteral", "val": "a"}, {"type": "stringLiteral", "val": "b"}],
            },
        ),
        ("up[5m:30s]", subquery(step=30_000)),
        ("up[5m:] @ 1 offset 1m", subquery(timestamp=1000, offset=60_000)),
        ("up[5m:step()]", subquery(stepExpr=STEP)),
    ],
)  # fmt: skip
def test_trees(query: str, want: dict[str, Any]) -> None:
    shown = show_tree(parse(query, ALL_FEATURES))
    assert shown == want
    assert orjson.dumps(shown)
