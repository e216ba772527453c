"""The words of PromQL: token kinds, keywords and operators."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a token is. The value is how errors name it."""

    EOF = "end of input"
    IDENTIFIER = "identifier"
    METRIC = "metric identifier"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    OPERATOR = "operator"
    KEYWORD = "keyword"
    AGGREGATOR = "aggregator"
    PUNCTUATION = "punctuation"


AGGREGATORS = frozenset(
    [
        "sum",
        "avg",
        "count",
        "min",
        "max",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
        "limitk",
        "limit_ratio",
    ]
)
# The aggregators whose first argument is not the vector.
PARAMETER_AGGREGATORS = frozenset(["topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"])

KEYWORDS = frozenset(
    [
        "offset",
        "smoothed",
        "anchored",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "fill",
        "fill_left",
        "fill_right",
        "bool",
        "start",
        "end",
        "step",
        "range",
    ]
)
WORD_OPERATORS = frozenset(["and", "or", "unless", "atan2"])
SET_OPERATORS = frozenset(["and", "or", "unless"])
COMPARISONS = frozenset(["==", "!=", "<", ">", "<=", ">="])
TRIMS = frozenset(("</", ">/"))

# Words that can't name a metric without quotes. Every other keyword can.
RESERVED = frozenset(["bool", "on", "ignoring", "group_left", "group_right"])

# Binding power of each binary operator; `^` is the only one that binds to the right.
PRECEDENCE: dict[str, int] = {
    "or": 1,
    "and": 2,
    "unless": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    ">": 3,
    "<=": 3,
    ">=": 3,
    "</": 3,
    ">/": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "atan2": 5,
    "^": 6,
}
UNARY_PRECEDENCE = 5


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str  # as written
    start: int
    end: int

    @property
    def word(self) -> str:
        """Keywords and operators are read in any case."""
        return self.text.lower()

    def described(self) -> str:
        """As parse errors show it: ``<op:+>``, ``identifier "foo"``, ``end of input``."""
        from vedette.model.labels import quote

        match self.kind:
            case Kind.EOF:
                return "end of input"
            case Kind.OPERATOR:
                return f"<op:{self.text}>"
            case Kind.KEYWORD:
                return f"<{self.text}>"
            case Kind.AGGREGATOR:
                return f"<aggr:{self.text}>"
            case Kind.PUNCTUATION:
                return quote(self.text)
            case Kind.IDENTIFIER | Kind.METRIC:
                return f"{self.kind.value} {quote(self.text)}"
            case _:
                short = f"{quote(self.text[:10])}..." if len(self.text) > 10 else quote(self.text)
                return f"{self.kind.value} {short}"
