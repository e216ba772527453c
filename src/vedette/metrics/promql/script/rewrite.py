"""Expressions rewritten into others that mean the same, for one evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vedette.metrics.promql.plan.durations import DurationContext, evaluate
from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    AtAnchor,
    Binary,
    Call,
    Duration,
    DurationNumber,
    Expr,
    Number,
    Paren,
    Range,
    Selector,
    Subquery,
    Unary,
)


def functions_of(expr: Expr) -> frozenset[str]:
    """Names of all functions in an expression."""
    return frozenset(node.function for node in nodes_of(expr) if isinstance(node, Call))


def operators_of(expr: Expr) -> frozenset[str]:
    """All binary operators in an expression."""
    return frozenset(node.op for node in nodes_of(expr) if isinstance(node, Binary))


def nodes_of(expr: Expr) -> list[Expr]:
    found: list[Expr] = []

    def look(node: Expr) -> Expr:
        found.append(node)
        return each_child(node, look)

    look(expr)
    return found


def each_child(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The expression with every expression directly beneath it changed."""
    match expr:
        case Range(selector):
            return replace(expr, selector=change(selector))  # type: ignore[arg-type]
        case Paren(inner) | Unary(_, inner) | Subquery(inner):
            return replace(expr, expr=change(inner))
        case Binary(_, left, right):
            return replace(expr, left=change(left), right=change(right))
        case Aggregation(_, inner, param):
            return replace(expr, expr=change(inner), param=None if param is None else change(param))
        case Call(_, args):
            return replace(expr, args=tuple(map(change, args)))
    return expr


def freeze(expr: Expr, start: int, end: int, step: int) -> Expr:
    """Whatever speaks of the query itself (`@ start()`, `@ end()`, `step()`, `range()`, `start()`, `end()`) as the number
    that it is for this query (in ms). Raises `ParseError` for a duration that can't be."""
    durations = DurationContext("", step, end - start)
    context = {"start": start, "end": end, "step": step, "range": end - start}

    def number(duration: Duration) -> Duration:
        return (
            duration
            if isinstance(duration, DurationNumber)
            else DurationNumber(evaluate(duration, durations) / 1000)
        )

    def maybe(duration: Duration | None) -> Duration | None:
        return None if duration is None else number(duration)

    def anchor(at: float | AtAnchor | None) -> float | None:
        return (start if at is AtAnchor.START else end) / 1000 if isinstance(at, AtAnchor) else at

    def change(node: Expr) -> Expr:
        match node:
            case Selector():
                return replace(node, at=anchor(node.at), offset=maybe(node.offset))
            case Range():
                node = replace(node, range=number(node.range))
            case Subquery():
                node = replace(
                    node,
                    range=number(node.range),
                    step=maybe(node.step),
                    at=anchor(node.at),
                    offset=maybe(node.offset),
                )
            case Call(name) if name in context:
                return Paren(Number(context[name] / 1000))
        return each_child(node, change)

    return change(expr)


def each_source(expr: Expr, change: Callable[[Selector | Subquery], Expr]) -> Expr:
    """The expression with every selector and every outermost subquery that is not pinned changed."""
    match expr:
        case Selector() | Subquery():
            return change(expr) if expr.at is None else expr
        case Call("info", args):
            # The second argument only names labels; what it selects is read where the first one reads.
            return replace(expr, args=(each_source(args[0], change), *args[1:]))
    return each_child(expr, lambda child: each_source(child, change))


def pin(expr: Expr, at: int) -> Expr:
    """Every source reads at one time (in ms), whenever the question is asked."""
    return each_source(expr, lambda source: replace(source, at=at / 1000))


def shift(expr: Expr, by: int) -> Expr:
    """Every source reads `by` ms earlier. The offsets of a frozen expression are numbers."""

    def change(source: Selector | Subquery) -> Expr:
        before = source.offset.seconds if isinstance(source.offset, DurationNumber) else 0.0
        return replace(source, offset=DurationNumber(before + by / 1000))

    return each_source(expr, change)
