"""What can go wrong with a query.

QueryError                any failure of a query; `str()` is the original's sentence
├── ParseError            the text is no PromQL; knows its position
│   └── DurationFault     a duration that is computed makes no sense for this evaluation
├── ExecutionError        the data does not allow it (duplicate series, many-to-many, bad argument)
├── TooManySamples        more samples than `max_samples` would be in memory
├── QueryTimeout          it ran longer than allowed
└── QueryCanceled         the caller went away
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vedette.metrics.promql.result import QueryStats


class QueryError(Exception):
    """Any failure of a query. `kind` is the `errorType` of the HTTP API; `stats` is what was done until then."""

    kind = "execution"
    stats: QueryStats | None = None


def line_and_column(query: str, position: int) -> str:
    """``line:column`` of a character offset, both from 1; the column counts bytes, as the original does."""
    if query == "":
        return "unknown position"
    if position < 0 or position > len(query):
        return "invalid position"
    line = query.count("\n", 0, position) + 1
    start = query.rfind("\n", 0, position) + 1
    column = len(query[start:position].encode("utf-8", "surrogateescape")) + 1
    return f"{line}:{column}"


class ParseError(QueryError):
    """The text is no PromQL. `position` and `end` are character offsets of the fault."""

    kind = "bad_data"

    def __init__(self, message: str, query: str, position: int, end: int | None = None) -> None:
        self.message = message
        self.query = query
        self.position = position
        self.end = position if end is None else end
        super().__init__(f"{line_and_column(query, position)}: parse error: {message}")

    @property
    def line(self) -> int:
        return self.query.count("\n", 0, self.position) + 1

    def caret(self) -> str:
        """The faulty line with a caret under the fault, for terminals; of a long line the part around it."""
        start = self.query.rfind("\n", 0, self.position) + 1
        stop = self.query.find("\n", start)
        line = self.query[start : stop if stop >= 0 else None]
        at = self.position - start
        fault = line[at : max(self.end - start, at)]
        first = max(0, at - _BEFORE_FAULT) if len(line) > _LONG_LINE else 0
        last = min(len(line), max(first + _LONG_LINE, at + 1)) if len(line) > _LONG_LINE else len(line)
        before = ("…" if first else "") + line[first:at]
        shown = before + line[at:last] + ("…" if last < len(line) else "")
        # Tabs stay, so that the caret is moved as far as the text is.
        pad = "".join([ch if ch == "\t" else " " * _cells(ch) for ch in before])
        width = max(1, sum(_cells(ch) for ch in fault[: max(last - at, 0)]))
        return f"{shown}\n{pad}{'^' * width}"


# Characters of a line that fit a terminal, and how many of them stand before the fault.
_LONG_LINE = 100
_BEFORE_FAULT = 60


def _cells(ch: str) -> int:
    """How many places a character takes in a terminal."""
    if unicodedata.combining(ch):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1


class DurationFault(ParseError):
    """A computed duration, such as `step() - 1m`, is none at this evaluation. Its place is said in bytes."""

    def __str__(self) -> str:
        first, last = (
            len(self.query[:at].encode("utf-8", "surrogateescape")) for at in (self.position, self.end)
        )
        return f"{first}:{last}: {self.message}"


class ExecutionError(QueryError):
    """The query is well formed, but the data does not allow an answer."""


class TooManySamples(QueryError):
    def __init__(self) -> None:
        super().__init__("query processing would load too many samples into memory in query execution")


class QueryTimeout(QueryError):
    kind = "timeout"

    def __init__(self, where: str = "expression evaluation") -> None:
        super().__init__(f"query timed out in {where}")


class QueryCanceled(QueryError):
    kind = "canceled"

    def __init__(self, where: str = "expression evaluation") -> None:
        super().__init__(f"query was canceled in {where}")
