"""Runs scripts: each question once as it stands, and again in its equivalent forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.plan.build import TIME_DEPENDENT
from vedette.metrics.promql.script.commands import Clear, Load, Question, ScriptError, parse_script
from vedette.metrics.promql.script.compare import check_annotations, check_column, check_result, matches
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.script.nhcb import add_custom_bucket_histograms
from vedette.metrics.promql.script.notation import (
    NotationError,
    Value,
    parse_labels,
    parse_starts,
    parse_values,
    split_series,
)
from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    AtAnchor,
    Binary,
    Call,
    DurationCall,
    Expr,
    Node,
    Paren,
    Range,
    Selector,
    Subquery,
    Unary,
    ValueType,
)
from vedette.metrics.promql.syntax.parser import ALL_FEATURES, parse
from vedette.metrics.promql.syntax.types import type_of
from vedette.model.labels import Labels

MINUTE = 60_000
# What ends the name of a series in a line of start timestamps.
STARTS = "@st"
# What these give depends on the query that is asked, not only on the evaluation time.
QUERY_CONTEXT = frozenset(("start", "end", "step", "range"))


@dataclass(slots=True)
class Failure:
    line: int
    query: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.query}: {self.reason}"


@dataclass(slots=True)
class Outcome:
    """What became of one script."""

    passed: int = 0
    failures: list[Failure] = field(default_factory=list)


def run_file(path: Path) -> Outcome:
    """Raises `ScriptError` for a script that can't be read, `OSError`."""
    return run_script(path.read_text(encoding="utf-8"))


def run_script(text: str, features: frozenset[str] = ALL_FEATURES) -> Outcome:
    store = MemoryStorage()
    engine = Engine(store, enable_features=features)
    outcome = Outcome()
    for command in parse_script(text):
        match command:
            case Clear():
                store.clear()
            case Load():
                _load(store, command)
            case Question():
                reason = ask(engine, command)
                if reason is None:
                    outcome.passed += 1
                else:
                    outcome.failures.append(Failure(command.line, command.query, reason))
    return outcome


def _load(store: MemoryStorage, command: Load) -> None:
    starts: dict[Labels, list[int | None]] = {}
    default: list[int | None] = []  # of series without a line of their own, over and over
    # Lines of start timestamps first: they speak of samples that may stand before or after them.
    for line in sorted(command.series, key=lambda line: not _of_starts(line)):
        series, values = split_series(line)
        try:
            if series == STARTS:
                default = parse_starts(values)
                continue
            labels = parse_labels(series.removesuffix(STARTS))
            if _of_starts(line):
                starts[labels] = parse_starts(values)
                continue
            samples = parse_values(values)
            repeated = list(islice(cycle(default), len(samples)))
            _add(store, labels, samples, starts.get(labels, repeated), command.step)
        except (NotationError, QueryError, ValueError) as error:
            raise ScriptError(f"line {command.line}: {line}: {error}") from error
    if command.with_nhcb:
        add_custom_bucket_histograms(store, command)


def _of_starts(line: str) -> bool:
    return split_series(line)[0].endswith(STARTS)


def _add(
    store: MemoryStorage, labels: Labels, values: list[Value], starts: list[int | None], step: int
) -> None:
    """Samples at 0, step, 2 step...; `starts` are relative to the time of their sample."""
    for i, value in enumerate(values):
        if value is None:
            continue
        start = starts[i] if i < len(starts) else None
        store.add(labels, i * step, value, 0 if start is None else i * step + start)


def ask(engine: Engine, question: Question) -> str | None:
    """What is wrong with the answer in any of its forms, or None."""
    reason = _ask_once(engine, question)
    if reason is not None or question.step or question.expect.fail or question.expect.matrix:
        return reason
    for form, reason in _equivalents(engine, question):
        if reason is not None:
            return f"{form}: {reason}"
    return None


def _ask_once(engine: Engine, question: Question) -> str | None:
    expect = question.expect
    try:
        if question.step:
            result = engine.range(question.query, question.start, question.end, question.step)
        else:
            result = engine.instant(question.query, question.start)
    except QueryError as error:
        if not expect.fail:
            return f"failed: {error}"
        if any(_fails_as(str(error), *pattern) for pattern in expect.fail):
            return None
        return f"expected failure {expect.fail}, got: {error}"
    except (RecursionError, MemoryError):
        return "the evaluation ran out of stack or memory"
    if expect.fail:
        return f"expected failure {expect.fail}, got an answer"
    return check_annotations(expect, result) or check_result(question, result)


def _fails_as(text: str, kind: str, pattern: str) -> bool:
    return matches(text, kind, pattern) or (kind == "msg" and text.endswith(pattern))


def _equivalents(engine: Engine, question: Question) -> Iterator[tuple[str, str | None]]:
    expr = parse(question.query, engine.features)
    if type_of(expr) is ValueType.STRING:
        return
    start, end = question.start - MINUTE, question.start + MINUTE
    if not (functions_of(expr) & QUERY_CONTEXT) and not has_anchor(expr):
        yield "in a range", _form(engine, question, question.query, start, end, MINUTE, 1)
    if functions_of(expr) & TIME_DEPENDENT:
        return
    pinned = str(pin(expr, question.start / 1000))
    for other in (question.start + 7 * MINUTE, 0):
        yield f"pinned, at {other}", _form(engine, question, pinned, other, other, 0, 0)
    yield "pinned, in a range", _form(engine, question, pinned, start, end, MINUTE, 2)


def _form(
    engine: Engine, question: Question, query: str, start: int, end: int, step: int, column: int
) -> str | None:
    try:
        result = engine.range(query, start, end, step) if step else engine.instant(query, start)
    except QueryError as error:
        return f"failed: {error}"
    return check_column(question.expect, result, column)


def _within(expr: Expr) -> Iterator[object]:
    """Every node of an expression, and every value that nodes hold."""
    stack: list[object] = [expr]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Node):
            stack += [getattr(node, name) for name in node.__dataclass_fields__]
        elif isinstance(node, tuple):
            stack += node


def functions_of(expr: Expr) -> frozenset[str]:
    """Names of all functions in an expression, `step` and `range` in durations included."""
    calls = {node.function for node in _within(expr) if isinstance(node, Call)}
    return frozenset(calls | {node.name for node in _within(expr) if isinstance(node, DurationCall)})


def has_anchor(expr: Expr) -> bool:
    """Whether ``@ start()`` or ``@ end()`` stands in it."""
    return any(isinstance(node, AtAnchor) for node in _within(expr))


def pin(expr: Expr, at: float) -> Expr:
    """Every selector and outermost subquery that has no `@` of its own, but perhaps of the query, gets this one."""
    match expr:
        case Selector(at=None | AtAnchor()) | Subquery(at=None | AtAnchor()):
            return replace(expr, at=at)
        case Range(selector):
            return replace(expr, selector=pin(selector, at))  # type: ignore[arg-type]
        case Paren(inner) | Unary(_, inner):
            return replace(expr, expr=pin(inner, at))
        case Binary(_, left, right):
            return replace(expr, left=pin(left, at), right=pin(right, at))
        case Aggregation(_, inner, param):
            fixed = None if param is None else pin(param, at)
            return replace(expr, expr=pin(inner, at), param=fixed)
        case Call("info", args):
            return replace(expr, args=(pin(args[0], at), *args[1:]))
        case Call(_, args):
            return replace(expr, args=tuple(pin(a, at) for a in args))
    return expr
