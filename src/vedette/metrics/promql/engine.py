"""The engine: parse, plan, run."""

from __future__ import annotations

import threading
import time
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.algebra.scratch import ScratchSymbols
from vedette.algebra.table import LabelTable
from vedette.metrics.contract import SampleBatch, Storage
from vedette.metrics.promql import functions
from vedette.metrics.promql.annotations import Annotations
from vedette.metrics.promql.errors import ExecutionError, ParseError, QueryError, TooManySamples
from vedette.metrics.promql.plan.build import Times, build
from vedette.metrics.promql.plan.describe import describe
from vedette.metrics.promql.plan.explain import explain
from vedette.metrics.promql.plan.nodes import (
    Plan,
    RangeSelect,
    Raw,
    Select,
    SubquerySelect,
    Text,
    children,
)
from vedette.metrics.promql.plan.shared import repeated
from vedette.metrics.promql.result import QueryResult, QueryStats
from vedette.metrics.promql.run.batches import DEFAULT_BATCHING, Batching
from vedette.metrics.promql.run.context import Context, Steps, Stop
from vedette.metrics.promql.run.names import finish_names, sort_order
from vedette.metrics.promql.run.operators import vector
from vedette.metrics.promql.run.scalars import scalar
from vedette.metrics.promql.run.select import without_stale
from vedette.metrics.promql.run.tally import Tally, counted_apart
from vedette.metrics.promql.run.trace import Tracer
from vedette.metrics.promql.run.window import matrix_columns, subquery_columns, subquery_steps
from vedette.metrics.promql.syntax.nodes import Expr, ValueType, unwrap
from vedette.metrics.promql.syntax.parser import parse
from vedette.metrics.promql.syntax.types import type_of

assert functions.__all__


@lru_cache(maxsize=2048)
def parse_cached(query: str, features: frozenset[str]) -> Expr:
    """Trees are frozen, so one parse serves every evaluation of the same text."""
    return parse(query, features)


@lru_cache(maxsize=1024)
def _plan_cached(query: str, features: frozenset[str], times: Times) -> tuple[Plan, frozenset[Plan]]:
    """The plan, and its subtrees that stand in it more than once."""
    plan = build(parse_cached(query, features), query, times)
    return plan, repeated(plan)


class Engine:
    """Answers queries over a `Storage`. Thread-safe and synchronous: callers bring the thread.

    `default_step_ms` is the step of subqueries that name none (the global evaluation interval). `batching` changes the
    speed, never an answer.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        lookback_ms: int = 300_000,
        max_samples: int = 50_000_000,
        timeout_s: float = 120.0,
        default_step_ms: int = 60_000,
        enable_features: frozenset[str] = frozenset(),
        batching: Batching = DEFAULT_BATCHING,
    ) -> None:
        self.storage = storage
        self.lookback_ms = lookback_ms
        self.max_samples = max_samples
        self.timeout_s = timeout_s
        self.default_step_ms = default_step_ms
        self.features = enable_features
        self.batching = batching

    def parse(self, query: str) -> Expr:
        """Raises `ParseError`."""
        return parse_cached(query, self.features)

    def instant(
        self,
        query: str,
        time_ms: int,
        *,
        lookback_ms: int | None = None,
        timeout_s: float | None = None,
        canceled: threading.Event | None = None,
        trace: bool = False,
        stats: bool = False,
    ) -> QueryResult:
        """The answer at one time. `canceled`, once set from another thread, ends the evaluation. With `trace` the result says
        what each operator did, with `stats` how many samples each step looks at. Raises `QueryError`.
        """
        return self._run(query, time_ms, time_ms, 0, lookback_ms, timeout_s, canceled, trace, stats)

    def range(
        self,
        query: str,
        start_ms: int,
        end_ms: int,
        step_ms: int,
        *,
        lookback_ms: int | None = None,
        timeout_s: float | None = None,
        canceled: threading.Event | None = None,
        trace: bool = False,
        stats: bool = False,
    ) -> QueryResult:
        """The answer at ``start, start + step, ... <= end``, rows sorted by labels. Raises `QueryError`."""
        if step_ms <= 0:
            raise ExecutionError("zero or negative query resolution step widths are not accepted")
        return self._run(query, start_ms, end_ms, step_ms, lookback_ms, timeout_s, canceled, trace, stats)

    def explain(self, query: str, start_ms: int, end_ms: int, step_ms: int = 0) -> str:
        """The plan as text, one operator a line."""
        self._kind(query, step_ms)
        return explain(self._plan(query, start_ms, end_ms, step_ms)[0])

    def describe(
        self, query: str, start_ms: int, end_ms: int, step_ms: int = 0, *, lookback_ms: int | None = None
    ) -> dict[str, Any]:
        """The plan as data, with how many series its selectors find. See `vedette.metrics.promql.plan.describe`."""
        self._kind(query, step_ms)
        plan, shared = self._plan(query, start_ms, end_ms, step_ms)
        steps = _steps(start_ms, end_ms, step_ms)
        mint, maxt = _time_range(plan, steps, lookback_ms or self.lookback_ms)
        with self.storage.querier(mint, maxt) as querier:
            return describe(
                plan,
                repeated=shared,
                estimate=lambda matchers: querier.estimate(matchers, mint, maxt),
            )

    def _plan(self, query: str, start: int, end: int, step: int) -> tuple[Plan, frozenset[Plan]]:
        if "@" not in query:
            # Nothing in it is bound to the start or the end, so the plan serves every window of this length.
            start, end = 0, end - start
        return _plan_cached(query, self.features, Times(start, end, step, self.default_step_ms))

    def _kind(self, query: str, step: int) -> ValueType:
        """What the query gives. Raises `ParseError`, also for what a range query can't be."""
        expr = self.parse(query)
        kind = type_of(expr)
        if step and kind not in (ValueType.SCALAR, ValueType.VECTOR):
            inner = unwrap(expr)
            raise ParseError(
                f'invalid expression type "{kind.value}" for range query, must be Scalar or instant Vector',
                query,
                inner.start,
                inner.end,
            )
        return kind

    def _run(
        self,
        query: str,
        start: int,
        end: int,
        step: int,
        lookback_ms: int | None,
        timeout_s: float | None,
        canceled: threading.Event | None,
        trace: bool,
        stats: bool,
    ) -> QueryResult:
        began = time.monotonic()
        kind = self._kind(query, step)
        parsed = time.monotonic()
        plan, shared = self._plan(query, start, end, step)
        planned = time.monotonic()
        steps = _steps(start, end, step)
        tracer = Tracer(plan) if trace else None
        limit = self.timeout_s if timeout_s is None else min(timeout_s, self.timeout_s)
        lookback = lookback_ms if lookback_ms else self.lookback_ms
        mint, maxt = _time_range(plan, steps, lookback)
        annotations = Annotations(query)
        with self.storage.querier(mint, maxt) as querier:
            ctx = Context(
                querier=querier,
                symbols=ScratchSymbols(self.storage.symbols),
                annotations=annotations,
                stop=Stop(canceled, began + limit),
                lookback=lookback,
                max_samples=self.max_samples,
                features=self.features,
                start=start,
                end=end,
                step=step,
                batching=self.batching,
                repeated=shared,
                trace=tracer,
                tally=Tally(steps.count) if stats else None,
            )
            outcome = _outcome(ctx, plan, kind, steps)
        outcome.stats = QueryStats(
            parse_s=parsed - began,
            plan_s=planned - parsed,
            eval_s=time.monotonic() - planned,
            sort_s=ctx.sort_s,
            series=ctx.series,
            samples=ctx.samples,
            peak_samples=ctx.peak,
            per_step=None if ctx.tally is None else ctx.tally.counts,
        )
        if isinstance(outcome, QueryError):
            # What this frame holds must not live as long as the error.
            del ctx, querier, tracer
            raise outcome
        if tracer is not None:
            outcome.trace = tracer.finish()
        outcome.warnings = annotations.warnings
        outcome.infos = annotations.infos
        return outcome


def _outcome(ctx: Context, plan: Plan, kind: ValueType, steps: Steps) -> QueryResult | QueryError:
    """The answer, or why there is none: without the traceback, which would keep every matrix on the way alive."""
    try:
        return _evaluate(ctx, plan, kind, steps)
    except MemoryError:
        return TooManySamples()
    except QueryError as error:
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)


def _evaluate(ctx: Context, plan: Plan, kind: ValueType, steps: Steps) -> QueryResult:
    times = steps.times()
    if isinstance(plan, Text):
        return QueryResult(
            "string",
            LabelTable.one_empty(ctx.symbols),
            times,
            np.zeros((1, 1)),
            np.ones((1, 1), dtype=np.bool_),
            text=plan.value,
        )
    if kind is ValueType.SCALAR:
        values = scalar(ctx, plan, steps).reshape(1, -1)
        shape = "scalar" if ctx.instant else "matrix"
        table = LabelTable.one_empty(ctx.symbols)
        return QueryResult(shape, table, times, values, np.ones(values.shape, dtype=np.bool_))  # type: ignore[arg-type]
    if isinstance(plan, Raw):
        return (
            _raw(ctx, plan, steps)
            if ctx.trace is None
            else ctx.trace.top(ctx, lambda: _raw(ctx, plan, steps))
        )
    matrix = finish_names(ctx, vector(ctx, plan, steps)).compact()
    ctx.stop.check()
    if not ctx.instant:
        sorting = time.monotonic()
        matrix = _ordered(ctx, matrix, sort_order(matrix.table, ctx.stop.check))
        ctx.sort_s = time.monotonic() - sorting
    histograms = matrix.histograms
    if histograms is not None and not matrix.histograms_present().any():
        histograms = None
    return QueryResult(
        "vector" if ctx.instant else "matrix", matrix.table, times, matrix.values, matrix.present, histograms
    )


def _ordered(ctx: Context, matrix: Matrix, order: npt.NDArray[np.int64]) -> Matrix:
    """`matrix.take(order)`, a few rows at a time."""
    if matrix.rows * matrix.steps <= ctx.batching.cells:
        return matrix.take(order)
    values, present = np.empty_like(matrix.values), np.empty_like(matrix.present)

    def work(start: int, stop: int) -> None:
        rows = order[start:stop]
        values[start:stop], present[start:stop] = matrix.values[rows], matrix.present[rows]

    for _ in ctx.in_batches(matrix.rows, matrix.steps, work):
        pass
    return Matrix(
        matrix.table.take(order),
        values,
        present,
        None if matrix.histograms is None else matrix.histograms[order],
        None if matrix.unnamed is None else matrix.unnamed[order],
    )


def _raw(ctx: Context, plan: Raw, steps: Steps) -> QueryResult:
    """The samples of a range vector, sorted by labels."""
    source = plan.source
    table: LabelTable
    if isinstance(source, SubquerySelect):
        with counted_apart(ctx, subquery_steps(source, steps).count) as inner:
            batch, matrix = subquery_columns(ctx, source, steps)
        if ctx.tally is not None and inner is not None:
            ctx.tally.add(inner.total)
        named = finish_names(ctx, matrix)
        if named.rows != matrix.rows:
            # Series that are one without their names.
            batch = matrix_columns(named, subquery_steps(source, steps))
        table = named.table
    else:
        end = (steps.start if source.at is None else source.at) - source.offset
        mint = end - source.span + 1
        selection, table = ctx.select(source.matchers, mint, end)
        batch = without_stale(selection.read(0, table.rows, mint, end))
        if ctx.tally is not None:
            ctx.tally.windows(batch, end, 0, source.span)
    ctx.hold(len(batch.timestamps))
    used = np.flatnonzero(np.diff(batch.offsets))
    order = used[sort_order(table.take(used))]
    return QueryResult(
        "matrix",
        table.take(order),
        np.zeros(0, dtype=np.int64),
        np.zeros((len(order), 0)),
        np.zeros((len(order), 0), dtype=np.bool_),
        samples=_reordered(batch, order),
    )


def _reordered(batch: SampleBatch, order: Any) -> SampleBatch:
    sizes = np.diff(batch.offsets)[order]
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    index = np.concatenate(
        [np.arange(batch.offsets[row], batch.offsets[row + 1]) for row in order.tolist()]
        or [np.zeros(0, dtype=np.int64)]
    )
    histograms = None if batch.histograms is None else [batch.histograms[i] for i in index.tolist()]
    starts = None if batch.starts is None else batch.starts[index]
    return SampleBatch(offsets, batch.timestamps[index], batch.values[index], histograms, starts)


def _steps(start: int, end: int, step: int) -> Steps:
    return Steps(start, step, (end - start) // step + 1 if step else 1)


def _time_range(plan: Any, steps: Steps, lookback: int) -> tuple[int, int]:
    """The widest bounds of what the plan may read, both inclusive."""
    low, high = steps.start, steps.end
    match plan:
        case Select(offset=offset, at=at):
            here = steps.pinned(at)
            return here.start - offset - lookback, here.end - offset + lookback
        case RangeSelect(span=span, offset=offset, at=at):
            here = steps.pinned(at)
            return here.start - offset - span - lookback, here.end - offset + lookback
        case SubquerySelect(expr=expr):
            grid = subquery_steps(plan, steps)
            return _time_range(expr, grid, lookback) if grid.count else (low, high)
    for child in children(plan):
        child_low, child_high = _time_range(child, steps, lookback)
        low, high = min(low, child_low), max(high, child_high)
    return low, high
