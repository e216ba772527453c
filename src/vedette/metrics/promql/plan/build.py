"""Syntax tree -> plan, for one evaluation.

- Durations, `@` and `offset` become numbers.
- Scalar arithmetic on literals is folded.
- Subtrees that are the same at every step (fixed by `@`) are wrapped in `Once`.
- Aggregations that can take their input in batches are marked `streamed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vedette.metrics.promql.errors import ExecutionError, ParseError
from vedette.metrics.promql.plan import nodes as plan
from vedette.metrics.promql.plan.durations import DurationContext, evaluate, evaluate_positive
from vedette.metrics.promql.plan.fold import fold
from vedette.metrics.promql.syntax import nodes as syntax
from vedette.metrics.promql.syntax.nodes import AtAnchor, Extension, ValueType, unwrap
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.metrics.promql.syntax.tokens import SET_OPERATORS
from vedette.metrics.promql.syntax.types import type_of

# Their answer depends on the evaluation time even when their argument is fixed by `@`.
TIME_DEPENDENT = frozenset(
    [
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "days_in_month",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "time",
        "timestamp",
        "start",
        "end",
        "step",
        "range",
    ]
)
STREAMED = frozenset(
    ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "limitk"]
)
ANCHORED = ("changes", "delta", "increase", "rate", "resets")
SMOOTHED = ("delta", "increase", "rate")


@dataclass(frozen=True, slots=True)
class Times:
    """The steps of an evaluation and what durations and anchors mean in it, all in milliseconds."""

    start: int
    end: int
    step: int  # 0: an instant query
    default_step: int


def build(expr: syntax.Expr, query: str, times: Times) -> plan.Plan:
    """Raises `ParseError` for durations that can't be, `ExecutionError` for modifiers out of place."""
    return _Builder(query, times).build(expr)


class _Builder:
    def __init__(self, query: str, times: Times) -> None:
        self.query = query
        self.times = times
        self.durations = DurationContext(query, times.step, times.end - times.start)
        # What is known of nodes, by identity: a row of operators is as high as it is long, and every node of it asks
        # about all below.
        self._invariant: dict[int, bool] = {}
        self._scalar: dict[int, bool] = {}

    def build(self, expr: syntax.Expr) -> plan.Plan:
        if self.invariant(expr) and not isinstance(unwrap(expr), syntax.Number | syntax.String):
            inner = self.node(expr)
            if isinstance(inner, plan.Constant | plan.Raw):
                return inner
            return plan.Once(inner, pos=unwrap(expr).start)
        return self.node(expr)

    def node(self, expr: syntax.Expr) -> plan.Plan:
        """The node of `expr` itself, which is already known to be fixed or not."""
        match expr:
            case syntax.Paren(inner):
                return self.node(inner)
            case syntax.Number(value):
                return plan.Constant(value, pos=expr.start)
            case syntax.String(value):
                return plan.Text(value, pos=expr.start)
            case syntax.Selector():
                if expr.extension is Extension.ANCHORED:
                    raise ExecutionError("anchored modifier can only be used with range selectors")
                smoothed = expr.extension is Extension.SMOOTHED
                return plan.Select(
                    expr.matchers, self.offset(expr.offset), self.at(expr.at), smoothed, pos=expr.start
                )
            case syntax.Range() | syntax.Subquery():
                return plan.Raw(self.source(expr), pos=expr.start)
            case syntax.Unary(op, inner):
                return self.unary(expr, op, self.child(expr, inner))
            case syntax.Binary():
                return self.binary(expr)
            case syntax.Call():
                return self.call(expr)
            case syntax.Aggregation():
                return self.aggregation(expr)
        raise TypeError(f"BUG: no plan for {type(expr).__name__}")

    def child(self, parent: syntax.Expr, expr: syntax.Expr) -> plan.Plan:
        # Beneath a fixed node everything is computed once already.
        return self.node(expr) if self.invariant(parent) else self.build(expr)

    def offset(self, offset: syntax.Duration | None) -> int:
        return 0 if offset is None else evaluate(offset, self.durations)

    def at(self, at: float | AtAnchor | None) -> int | None:
        if at is None:
            return None
        if isinstance(at, AtAnchor):
            return self.times.start if at is AtAnchor.START else self.times.end
        # Halves away from zero.
        return int(math.copysign(math.floor(abs(at) * 1000 + 0.5), at))

    def source(self, expr: syntax.Expr) -> plan.RangeSource:
        expr = unwrap(expr)
        if isinstance(expr, syntax.Range):
            s = expr.selector
            span = evaluate_positive(expr.range, self.durations)
            return plan.RangeSelect(
                s.matchers, span, self.offset(s.offset), self.at(s.at), s.extension, pos=expr.start
            )
        if not isinstance(expr, syntax.Subquery):
            raise ParseError("expected a range vector", self.query, expr.start, expr.end)
        span = evaluate_positive(expr.range, self.durations)
        step = self.times.default_step if expr.step is None else evaluate_positive(expr.step, self.durations)
        return plan.SubquerySelect(
            self.build(expr.expr), span, step, self.offset(expr.offset), self.at(expr.at), pos=expr.start
        )

    def is_scalar(self, expr: syntax.Expr) -> bool:
        known = self._scalar.get(id(expr))
        return type_of(expr) is ValueType.SCALAR if known is None else known

    def invariant(self, expr: syntax.Expr) -> bool:
        """Whether the answer is the same at every step of the query."""
        known = self._invariant.get(id(expr))
        if known is None:
            known = self._invariant[id(expr)] = self._is_invariant(expr)
        return known

    def _is_invariant(self, expr: syntax.Expr) -> bool:
        match expr:
            case syntax.Number() | syntax.String():
                return True
            case syntax.Selector(at=at):
                return at is not None
            case syntax.Range(selector):
                return selector.at is not None
            case syntax.Subquery(at=at):
                return at is not None
            case syntax.Paren(inner) | syntax.Unary(_, inner):
                return self.invariant(inner)
            case syntax.Binary(_, left, right):
                return self.invariant(right) and self.invariant(left)
            case syntax.Aggregation(_, inner, param):
                return self.invariant(inner) and (param is None or self.invariant(param))
            case syntax.Call(name, args):
                if name in TIME_DEPENDENT:
                    return False
                if name == "info":
                    args = args[:1]
                return all(self.invariant(a) for a in args)
        return False

    def unary(self, expr: syntax.Expr, op: str, inner: plan.Plan) -> plan.Plan:
        if op == "+":
            return inner
        if isinstance(inner, plan.Constant):
            return plan.Constant(-inner.value, pos=expr.start)
        return plan.Negate(inner, pos=expr.start)

    def binary(self, expr: syntax.Binary) -> plan.Plan:
        left, right = self.child(expr, expr.left), self.child(expr, expr.right)
        scalar_left, scalar_right = self.is_scalar(expr.left), self.is_scalar(expr.right)
        self._scalar[id(expr)] = scalar_left and scalar_right
        if scalar_left and scalar_right:
            return fold(plan.ScalarBinary(expr.op, left, right, expr.bool_modifier, pos=expr.start))
        if scalar_left or scalar_right:
            return plan.MixedBinary(expr.op, left, right, scalar_left, expr.bool_modifier, pos=expr.start)
        matching = expr.matching or syntax.Matching()
        if expr.op in SET_OPERATORS:
            return plan.SetOperation(expr.op, left, right, matching, pos=expr.start)
        return plan.VectorBinary(expr.op, left, right, matching, expr.bool_modifier, pos=expr.start)

    def call(self, expr: syntax.Call) -> plan.Plan:
        name, args = expr.function, expr.args
        positions = tuple(unwrap(a).start for a in args)
        ranges = [i for i, a in enumerate(args) if type_of(a) is ValueType.MATRIX]
        if ranges:
            at = ranges[0]
            source = self.source(args[at])
            self.check_extension(name, source)
            params = tuple(self.child(expr, a) for i, a in enumerate(args) if i != at)
            return plan.Window(name, source, params, pos=expr.start, arg_pos=positions[at])
        built = tuple(self.child(expr, a) for a in args)
        return plan.Call(
            name, built, pos=expr.start, arg_positions=positions, returns=SIGNATURES[name].returns
        )

    @staticmethod
    def check_extension(name: str, source: plan.RangeSource) -> None:
        if not isinstance(source, plan.RangeSelect) or source.extension is Extension.NONE:
            return
        allowed = ANCHORED if source.extension is Extension.ANCHORED else SMOOTHED
        if name not in allowed:
            raise ExecutionError(
                f"{source.extension.value} modifier can only be used with: {', '.join(allowed)} - not with {name}"
            )

    def aggregation(self, expr: syntax.Aggregation) -> plan.Plan:
        inner = self.child(expr, expr.expr)
        param = None if expr.param is None else self.child(expr, expr.param)
        streamed = expr.op in STREAMED and isinstance(inner, plan.Window | plan.Select)
        if isinstance(inner, plan.Window) and isinstance(inner.source, plan.SubquerySelect):
            streamed = False
        if isinstance(inner, plan.Window) and inner.function == "absent_over_time":
            streamed = False
        return plan.Aggregate(
            expr.op,
            inner,
            expr.grouping,
            expr.without,
            param,
            streamed,
            pos=expr.start,
            expr_pos=unwrap(expr.expr).start,
            param_pos=0 if expr.param is None else unwrap(expr.param).start,
        )
