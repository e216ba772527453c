"""The plan: what the engine will do, as a frozen tree that prints itself (`vedette.metrics.promql.plan.explain`).

Durations are milliseconds. `pos` is the place in the query that annotations name; it takes no part in equality, so
that equal work is recognised as equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from vedette.metrics.promql.syntax.nodes import Extension, Matching, ValueType
from vedette.model.labels import Matcher

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _node(cls: type[T]) -> type[T]:
    """A frozen dataclass that computes its hash once: who looks for equal subtrees asks every node of a high tree."""
    made = dataclass(frozen=True, slots=True)(cls)
    compute = made.__hash__

    def cached(self: _Node) -> int:
        if self.hashed is None:
            object.__setattr__(self, "hashed", compute(self))
        return self.hashed  # type: ignore[return-value]

    made.__hash__ = cached  # type: ignore[assignment]
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    pos: int = field(default=0, compare=False)
    hashed: int | None = field(default=None, init=False, compare=False, repr=False)


@_node
class Constant(_Node):
    value: float


@_node
class Text(_Node):
    value: str


@_node
class Select(_Node):
    """The newest sample of each series within the lookback, at every step."""

    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: int | None = None
    smoothed: bool = False


@_node
class RangeSelect(_Node):
    """Windows ``(t - offset - span, t - offset]`` of stored samples."""

    matchers: tuple[Matcher, ...]
    span: int
    offset: int = 0
    at: int | None = None
    extension: Extension = Extension.NONE


@_node
class SubquerySelect(_Node):
    """Windows of what `expr` evaluates to on the grid of multiples of `step`."""

    expr: Plan
    span: int
    step: int
    offset: int = 0
    at: int | None = None


RangeSource = RangeSelect | SubquerySelect


@_node
class Window(_Node):
    """A function of range vectors, over the windows of `source`; `params` are its scalar arguments."""

    function: str
    source: RangeSource
    params: tuple[Plan, ...] = ()
    arg_pos: int = field(default=0, compare=False)


@_node
class Raw(_Node):
    """A range vector as the answer of an instant query."""

    source: RangeSource


@_node
class Call(_Node):
    """Any other function."""

    function: str
    args: tuple[Plan, ...] = ()
    arg_positions: tuple[int, ...] = field(default=(), compare=False)
    returns: ValueType = ValueType.VECTOR


@_node
class Aggregate(_Node):
    """`streamed`: batches of `expr` go straight into the groups, and the whole matrix of `expr` never exists."""

    op: str
    expr: Plan
    grouping: tuple[str, ...] = ()
    without: bool = False
    param: Plan | None = None
    streamed: bool = False
    expr_pos: int = field(default=0, compare=False)
    param_pos: int = field(default=0, compare=False)


@_node
class Negate(_Node):
    expr: Plan


@_node
class ScalarBinary(_Node):
    op: str
    left: Plan
    right: Plan
    bool_modifier: bool = False


@_node
class MixedBinary(_Node):
    """One side is a vector, the other a scalar."""

    op: str
    left: Plan
    right: Plan
    scalar_left: bool
    bool_modifier: bool = False


@_node
class VectorBinary(_Node):
    op: str
    left: Plan
    right: Plan
    matching: Matching
    bool_modifier: bool = False


@_node
class SetOperation(_Node):
    op: str
    left: Plan
    right: Plan
    matching: Matching


@_node
class Once(_Node):
    """The same at every step: computed for one and repeated."""

    expr: Plan


Plan = (
    Constant
    | Text
    | Select
    | Window
    | Raw
    | Call
    | Aggregate
    | Negate
    | ScalarBinary
    | MixedBinary
    | VectorBinary
    | SetOperation
    | Once
)


def children(plan: Plan | RangeSource) -> tuple[Plan | RangeSource, ...]:
    """The nodes directly beneath."""
    match plan:
        case Window(source=source, params=params):
            return (source, *params)
        case Raw(source=source):
            return (source,)
        case Call(args=args):
            return args
        case Aggregate(expr=expr, param=param):
            return (expr,) if param is None else (param, expr)
        case Negate(expr=expr) | Once(expr=expr) | SubquerySelect(expr=expr):
            return (expr,)
        case (
            ScalarBinary(left=left, right=right)
            | MixedBinary(left=left, right=right)
            | VectorBinary(left=left, right=right)
            | SetOperation(left=left, right=right)
        ):
            return (left, right)
    return ()
