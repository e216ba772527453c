"""The words of PromQL: token kinds, keywords and operators."""

from __future__ import annotations

import enum

from vedette.model.labels import quote


class Kind(enum.Enum):
    """What a token is. The value is how errors name it."""

    EOF = "end of input"
    ERROR = "error"
    IDENTIFIER = "identifier"
    METRIC = "metric identifier"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    OPERATOR = "operator"
    KEYWORD = "keyword"
    PREPROCESSOR = "preprocessor"
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
EXPERIMENTAL_AGGREGATORS = frozenset(["limitk", "limit_ratio"])

# Keywords only where a parenthesis follows; otherwise they are names like any other.
FILLS = frozenset(["fill", "fill_left", "fill_right"])
KEYWORDS = FILLS | frozenset(
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
        "bool",
    ]
)
# Words that stand for the times of the query itself.
PREPROCESSORS = frozenset(["start", "end", "step", "range", "min_of", "max_of"])
# Those of them that durations may use: the only words in brackets.
DURATION_WORDS = frozenset(["step", "range", "min_of", "max_of"])
WORD_OPERATORS = frozenset(["and", "or", "unless", "atan2"])
SET_OPERATORS = frozenset(["and", "or", "unless"])
COMPARISONS = frozenset(["==", "!=", "<", ">", "<=", ">="])
TRIMS = frozenset(("</", ">/"))

# Words that can't name a metric without quotes. Every other keyword can.
RESERVED = frozenset(["bool", "on", "ignoring", "group_left", "group_right", "atan2"])

# What a word is, in any case; words not listed are names.
WORDS: dict[str, Kind] = {
    **dict.fromkeys(AGGREGATORS, Kind.AGGREGATOR),
    **dict.fromkeys(KEYWORDS, Kind.KEYWORD),
    **dict.fromkeys(PREPROCESSORS, Kind.PREPROCESSOR),
    **dict.fromkeys(WORD_OPERATORS, Kind.OPERATOR),
    "inf": Kind.NUMBER,
    "nan": Kind.NUMBER,
}

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

# Longer texts of strings and numbers are cut in errors: bytes beyond which, characters that stay.
_SHOWN = 10


class Token:
    """`text` is as written, of `Kind.ERROR` the lexer's complaint. Keywords and operators are read in any case: `word`."""

    __slots__ = ("end", "kind", "start", "text", "word")

    def __init__(self, kind: Kind, text: str, word: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.word = word
        self.start = start
        self.end = end

    def described(self) -> str:
        """As parse errors show it: ``<op:+>``, ``identifier "foo"``, ``end of input``."""
        kind, text = self.kind, self.text
        match kind:
            case Kind.EOF:
                return "end of input"
            case Kind.OPERATOR:
                return f"<op:{text}>"
            case Kind.KEYWORD:
                return f"<{text}>"
            case Kind.AGGREGATOR:
                return f"<aggr:{text}>"
            case Kind.PUNCTUATION | Kind.PREPROCESSOR:
                return quote(text)
            case Kind.IDENTIFIER | Kind.METRIC:
                return f"{kind.value} {quote(text)}"
            case _:
                long = len(text.encode("utf-8", "surrogateescape")) > _SHOWN
                return f"{kind.value} {quote(text[:_SHOWN])}{'...' if long else ''}"

    def __repr__(self) -> str:
        return f"Token({self.described()} at {self.start})"
