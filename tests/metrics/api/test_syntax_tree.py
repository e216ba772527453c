from __future__ import annotations

from typing import Any

import orjson
import pytest

from vedette.metrics.api.syntax_tree import show_tree
from vedette.metrics.promql.syntax.parser import parse

UP = {
    "type": "vectorSelector",
    "name": "up",
    "matchers": [],
    "offset": 0,
    "timestamp": None,
    "startOrEnd": None,
}


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("up", UP),
        (
            'up{job!="a"} @ end() offset 5m',
            UP | {"matchers": [{"name": "job", "value": "a", "type": "!="}], "offset": 300_000, "startOrEnd": "end"},
        ),
        ("up[1m] @ 2.5", UP | {"type": "matrixSelector", "range": 60_000, "timestamp": 2500}),
        ("-(1.5)", {"type": "unaryExpr", "op": "-", "expr": {"type": "parenExpr", "expr": {"type": "numberLiteral", "val": "1.5"}}}),
        (
            "topk by (job) (2, up)",
            {"type": "aggregation", "op": "topk", "expr": UP, "param": {"type": "numberLiteral", "val": "2"}, "grouping": ["job"], "without": False},
        ),
        (
            "up * on (a) group_left (b) up",
            {"type": "binaryExpr", "op": "*", "lhs": UP, "rhs": UP, "bool": False,
             "matching": {"card": "many-to-one", "labels": ["a"], "on": True, "include": ["b"]}},
        ),
        (
            "rate(up[5m:30s])",
            {
                "type": "call",
                "func": {"name": "rate", "argTypes": ["matrix"], "variadic": 0, "returnType": "vector"},
                "args": [{"type": "subquery", "expr": UP, "range": 300_000, "step": 30_000, "offset": 0, "timestamp": None, "startOrEnd": None}],
            },
        ),
    ],
)  # fmt: skip
def test_trees(query: str, want: dict[str, Any]) -> None:
    shown = show_tree(parse(query))
    assert shown == want
    assert orjson.dumps(shown)
