"""The syntax tree: frozen, printable, and without any knowledge of storage.

`start` and `end` are character offsets in the query text; they take no part in equality. ``str(node)`` is the
canonical form, which parses back to an equal tree.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

from vedette.model.labels import Matcher


class ValueType(enum.Enum):
    """What an expression evaluates to. The value is the name that the documentation uses."""

    SCALAR = "scalar"
    STRING = "string"
    VECTOR = "instant vector"
    MATRIX = "range vector"

    @property
    def api_name(self) -> str:
        return {"instant vector": "vector", "range vector": "matrix"}.get(self.value, self.value)


class AtAnchor(enum.Enum):
    """`@ start()` and `@ end()`."""

    START = "start()"
    END = "end()"


class Card(enum.Enum):
    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "many-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


class Extension(enum.Enum):
    """How a selector looks beyond its window."""

    NONE = ""
    ANCHORED = "anchored"
    SMOOTHED = "smoothed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        from vedette.metrics.promql.syntax.printer import format_expr

        return format_expr(self)


# ---- durations -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DurationNumber(Node):
    """`5m` or `300`, in seconds. `is_duration` keeps the way it was written; both mean the same."""

    seconds: float
    is_duration: bool = field(default=True, compare=False)

    @property
    def nanoseconds(self) -> int:
        """As exact as the original's durations are; halves go away from 0."""
        return math.floor(abs(self.seconds) * 1e9 + 0.5) * (-1 if self.seconds < 0 else 1)

    @property
    def milliseconds(self) -> int:
        """As exact as the clock is: cut, not rounded."""
        return abs(self.nanoseconds) // 10**6 * (-1 if self.seconds < 0 else 1)


@dataclass(frozen=True, slots=True)
class DurationCall(Node):
    """`step()`, `range()`, `min_of(a, b)`, `max_of(a, b)`."""

    name: str
    args: tuple[Duration, ...] = ()


@dataclass(frozen=True, slots=True)
class DurationUnary(Node):
    op: str
    arg: Duration


@dataclass(frozen=True, slots=True)
class DurationBinary(Node):
    op: str
    left: Duration
    right: Duration


@dataclass(frozen=True, slots=True)
class DurationParen(Node):
    arg: Duration


Duration = DurationNumber | DurationCall | DurationUnary | DurationBinary | DurationParen


# ---- expressions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: float
    is_duration: bool = False

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Number)
            and (self.value == other.value or (self.value != self.value and other.value != other.value))
            and self.is_duration == other.is_duration
        )

    def __hash__(self) -> int:
        return hash((self.value if self.value == self.value else "NaN", self.is_duration))


@dataclass(frozen=True, slots=True)
class String(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Selector(Node):
    """`name{matchers} @ at offset offset`. `matchers` include the one of the name."""

    name: str
    matchers: tuple[Matcher, ...]
    at: float | AtAnchor | None = None  # seconds
    offset: Duration | None = None
    extension: Extension = Extension.NONE


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`selector[range]`; offset and @ live in the selector."""

    selector: Selector
    range: Duration


@dataclass(frozen=True, slots=True)
class Subquery(Node):
    expr: Expr
    range: Duration
    step: Duration | None = None
    at: float | AtAnchor | None = None
    offset: Duration | None = None


@dataclass(frozen=True, slots=True)
class Paren(Node):
    expr: Expr


@dataclass(frozen=True, slots=True)
class Unary(Node):
    op: str
    expr: Expr


@dataclass(frozen=True, slots=True)
class Matching:
    """`on`/`ignoring`, `group_left`/`group_right` and `fill` of a binary expression."""

    card: Card = Card.ONE_TO_ONE
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary(Node):
    op: str
    left: Expr
    right: Expr
    bool_modifier: bool = False
    matching: Matching | None = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    args: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregation(Node):
    op: str
    expr: Expr
    param: Expr | None = None
    grouping: tuple[str, ...] = ()
    without: bool = False


Expr = Number | String | Selector | Range | Subquery | Paren | Unary | Binary | Call | Aggregation


def unwrap(expr: Expr) -> Expr:
    """The expression without enclosing parentheses."""
    while isinstance(expr, Paren):
        expr = expr.expr
    return expr
