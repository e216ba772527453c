"""A smaller question, and fewer series, about which the answers still differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    unwrap,
)
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse
from vedette.metrics.promql.syntax.types import type_of

from .data import Series
from .question import Question

Differs = Callable[[Question, Sequence[Series]], bool]


def shrink(question: Question, series: Sequence[Series], differs: Differs) -> tuple[Question, list[Series]]:
    """`differs` may be asked some hundred times."""
    found = list(series)
    changed = True
    while changed:
        changed = False
        for smaller in _smaller_questions(question):
            if differs(smaller, found):
                question, changed = smaller, True
                break
    return question, _fewer_samples(question, _fewer(question, found, differs), differs)


def _smaller_questions(question: Question) -> Iterator[Question]:
    if question.step:
        yield replace(question, end=question.start, step=0)
        for count in (1, 2, 4):
            end = question.start + count * question.step
            if end < question.end:
                yield replace(question, end=end)
        for start in range(question.start, question.end, question.step):
            yield replace(question, start=start, end=start, step=0)
    for expr in _smaller(parse(question.query, ALL_FEATURES)):
        text = str(expr)
        if len(text) < len(question.query):
            yield replace(question, query=text)


def _smaller(expr: Expr) -> Iterator[Expr]:
    """One change nearer to the leaves, the largest first."""
    kind = type_of(expr)
    for child in _children(expr):
        if type_of(child) is kind:
            yield child
    match expr:
        case Paren(inner):
            yield inner
        case Selector() if expr.offset is not None or expr.at is not None:
            yield replace(expr, offset=None, at=None)
        case Selector() if len(expr.matchers) > 1:
            for m in expr.matchers:
                if m.name != "__name__":
                    yield replace(expr, matchers=tuple(x for x in expr.matchers if x is not m))
        case Aggregation() if expr.grouping:
            yield replace(expr, grouping=expr.grouping[1:])
        case Binary() if expr.matching is not None or expr.bool_modifier:
            yield replace(expr, matching=None, bool_modifier=False)
        case Subquery() if expr.offset is not None or expr.at is not None:
            yield replace(expr, offset=None, at=None)
        case Subquery(inner) if isinstance(unwrap(inner), Selector):
            selector = unwrap(inner)
            assert isinstance(selector, Selector)
            yield Range(selector, expr.range)
    for name, child in _slots(expr):
        for smaller in _smaller(child):
            yield _with(expr, name, smaller)


def _children(expr: Expr) -> list[Expr]:
    return [child for _, child in _slots(expr)]


def _slots(expr: Expr) -> list[tuple[Any, Expr]]:
    match expr:
        case Paren() | Unary() | Subquery():
            return [("expr", expr.expr)]
        case Range():
            return [("selector", expr.selector)]
        case Binary():
            return [("left", expr.left), ("right", expr.right)]
        case Aggregation():
            more: list[tuple[Any, Expr]] = [("param", expr.param)] if expr.param is not None else []
            return [("expr", expr.expr), *more]
        case Call():
            return [(i, a) for i, a in enumerate(expr.args) if not isinstance(a, Number | String)]
    return []


def _with(expr: Expr, slot: Any, child: Expr) -> Expr:
    if isinstance(slot, int):
        assert isinstance(expr, Call)
        return replace(expr, args=tuple(child if i == slot else a for i, a in enumerate(expr.args)))
    return replace(expr, **{slot: child})


def _fewer(question: Question, series: list[Series], differs: Differs) -> list[Series]:
    """Without whole series: halves first, then one after the other."""
    size = len(series) // 2
    while size:
        at = 0
        while at < len(series):
            rest = series[:at] + series[at + size :]
            if differs(question, rest):
                series = rest
            else:
                at += size
        size //= 2
    return series


def _fewer_samples(question: Question, series: list[Series], differs: Differs) -> list[Series]:
    """Without samples at both ends."""
    for i in range(len(series)):
        for side in (slice(1, None), slice(None, -1)):
            while len(series[i].samples) > 1:
                half = len(series[i].samples) // 2
                for cut in (slice(half, None) if side.start else slice(None, -half), side):
                    shorter = [*series]
                    shorter[i] = Series(series[i].labels, series[i].samples[cut])
                    if differs(question, shorter):
                        series = shorter
                        break
                else:
                    break
    return series
