"""From plan nodes to operators: the one place that knows which runs what."""

from __future__ import annotations

from typing import Any

import numpy as np

from vedette.algebra.groups import Groups, group_by
from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.functions.conversion import absence, absent_labels
from vedette.metrics.promql.functions.info import info
from vedette.metrics.promql.functions.instants import INSTANT_FUNCTIONS
from vedette.metrics.promql.functions.ranges import RANGE_FUNCTIONS
from vedette.metrics.promql.plan.nodes import (
    Aggregate,
    Call,
    MixedBinary,
    Negate,
    Once,
    Plan,
    RangeSelect,
    Select,
    SetOperation,
    Text,
    VectorBinary,
    Window,
)
from vedette.metrics.promql.run import choose
from vedette.metrics.promql.run.aggregate import ACCUMULATORS, grouping_of
from vedette.metrics.promql.run.binary import vector_scalar, vector_vector
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.count_values import count_values
from vedette.metrics.promql.run.hints import WITH_BUCKETS, WITHOUT_BUCKETS
from vedette.metrics.promql.run.names import drop_name
from vedette.metrics.promql.run.scalars import scalar
from vedette.metrics.promql.run.select import Read, Stream, gather, join, select_stream
from vedette.metrics.promql.run.sets import set_operation
from vedette.metrics.promql.run.tally import counted_at_every_step
from vedette.metrics.promql.run.window import window_stream
from vedette.metrics.promql.syntax.nodes import ValueType
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.model.labels import METRIC_NAME, MatchOp

# Functions that ask stored samples for something else than their value.
_OF_SAMPLES = {"timestamp": Read.TIME, "start_timestamp": Read.START}


def vector(ctx: Context, plan: Plan, steps: Steps) -> Matrix:
    """An instant vector at every step."""
    if ctx.trace is not None:
        return ctx.trace.vector(ctx, plan, steps, _held_vector)
    return _held_vector(ctx, plan, steps)


def _held_vector(ctx: Context, plan: Plan, steps: Steps) -> Matrix:
    ctx.stop.check()
    held = ctx.held
    matrix = _shared(ctx, plan, steps)
    # What it was made from is gone; the result stays until whoever asked is done.
    ctx.held = held
    ctx.hold_matrix(matrix)
    return matrix


def _shared(ctx: Context, plan: Plan, steps: Steps) -> Matrix:
    """Equal subtrees are computed once."""
    if plan not in ctx.repeated:
        return _vector(ctx, plan, steps)
    key = (plan, steps)
    known = ctx.results.get(key)
    if known is None:
        before = ctx.annotations.said
        counted = None if ctx.tally is None else ctx.tally.counts.copy()
        known = _vector(ctx, plan, steps)
        if ctx.annotations.said == before:
            # Shared only when there is nothing to say about it: annotations name a place in the query.
            ctx.results[key] = known
            if ctx.tally is not None:
                ctx.tallied[key] = ctx.tally.counts - (0 if counted is None else counted)
    else:
        if ctx.tally is not None:
            ctx.tally.add(ctx.tallied[key])
        if ctx.trace is not None:
            ctx.trace.reused()
    result: Matrix = known
    return result


def _vector(ctx: Context, plan: Plan, steps: Steps) -> Matrix:
    match plan:
        case Select():
            return gather(ctx, select_stream(ctx, plan, steps), steps)
        case Window(function="absent_over_time"):
            return _absent_over_time(ctx, plan, steps)
        case Window():
            result = gather(ctx, window_stream(ctx, plan, steps), steps)
            return result if RANGE_FUNCTIONS[plan.function].keeps_name else drop_name(ctx, result)
        case Call():
            return _call(ctx, plan, steps)
        case Aggregate():
            return _aggregate(ctx, plan, steps)
        case Negate(expr=expr):
            return _negated(ctx, vector(ctx, expr, steps))
        case MixedBinary(left=left, right=right, scalar_left=scalar_left):
            matrix = vector(ctx, right if scalar_left else left, steps)
            numbers = scalar(ctx, left if scalar_left else right, steps)
            return vector_scalar(ctx, plan, matrix, numbers)
        case VectorBinary(left=left, right=right):
            return vector_vector(ctx, plan, vector(ctx, left, steps), vector(ctx, right, steps))
        case SetOperation(left=left, right=right):
            return set_operation(ctx, plan, vector(ctx, left, steps), vector(ctx, right, steps))
        case Once(expr=expr):
            with counted_at_every_step(ctx):
                once = vector(ctx, expr, Steps(steps.start, steps.step, 1))
            return _repeated(ctx, once, steps.count)
    raise TypeError(f"BUG: {type(plan).__name__} is no instant vector")


def _repeated(ctx: Context, matrix: Matrix, count: int) -> Matrix:
    if count == 1:
        return matrix
    ctx.afford(matrix.samples() * count)
    histograms = None if matrix.histograms is None else np.repeat(matrix.histograms, count, axis=1)
    return Matrix(
        matrix.table,
        np.repeat(matrix.values, count, axis=1),
        np.repeat(matrix.present, count, axis=1),
        histograms,
        matrix.unnamed,
    )


def _negated(ctx: Context, matrix: Matrix) -> Matrix:
    histograms = None
    if matrix.histograms is not None:
        negate = np.frompyfunc(lambda h: None if h is None else h.mul(-1.0), 1, 1)
        histograms = negate(matrix.histograms)
    result = Matrix(matrix.table, -matrix.values, matrix.present, histograms, matrix.unnamed)
    return drop_name(ctx, result)


def _call(ctx: Context, node: Call, steps: Steps) -> Matrix:
    name = node.function
    first = node.args[0] if node.args else None
    bare = first.expr if isinstance(first, Once) else first
    if name in _OF_SAMPLES and isinstance(bare, Select):
        return drop_name(ctx, gather(ctx, select_stream(ctx, bare, steps, _OF_SAMPLES[name]), steps))
    if name == "absent":
        assert first is not None
        labels = absent_labels(bare.matchers if isinstance(bare, Select) else ())
        return absence(ctx, labels, vector(ctx, first, steps).present)
    if name == "info":
        return info(ctx, node, [vector(ctx, node.args[0], steps)], steps)
    outside = ctx.without_buckets
    if name in WITHOUT_BUCKETS or name in WITH_BUCKETS:
        ctx.without_buckets = name in WITHOUT_BUCKETS
    try:
        arguments = _arguments(ctx, node, steps)
    finally:
        ctx.without_buckets = outside
    return INSTANT_FUNCTIONS[name](ctx, node, arguments, steps)


def _arguments(ctx: Context, node: Call, steps: Steps) -> list[Any]:
    types = SIGNATURES[node.function].args
    values: list[Any] = []
    for i, arg in enumerate(node.args):
        wanted = types[min(i, len(types) - 1)]
        if isinstance(arg, Text):
            values.append(arg.value)
        elif wanted is ValueType.SCALAR:
            values.append(scalar(ctx, arg, steps))
        else:
            values.append(vector(ctx, arg, steps))
    return values


def _absent_over_time(ctx: Context, node: Window, steps: Steps) -> Matrix:
    source = node.source
    # A function that keeps names: what is only looked for may have several.
    present = Window("last_over_time", source, pos=node.pos, arg_pos=node.arg_pos)
    matchers = source.matchers if isinstance(source, RangeSelect) else ()
    return absence(ctx, absent_labels(matchers), vector(ctx, present, steps).present)


def _aggregate(ctx: Context, node: Aggregate, steps: Steps) -> Matrix:
    if node.op not in ACCUMULATORS:
        return _choose(ctx, node, steps)
    names, without = grouping_of(ctx, node)
    stream = _stream(ctx, node.expr, steps) if node.streamed and not _may_collide(ctx, node.expr) else None
    if stream is not None:
        drops = not _keeps_name(node.expr)
        if drops and not without and not ctx.delayed_names:
            names = tuple(n for n in names if n not in ctx.metadata_labels)
        groups = group_by(stream.table, names, without=without)
        state = ACCUMULATORS[node.op](ctx, node, groups, steps.count)
        at = 0
        for part in stream.parts:
            if part.rows * part.steps > ctx.max_samples - ctx.held:
                ctx.afford(part.samples())
            state.add(part, groups.of_row[at : at + part.rows])
            at += part.rows
        result = state.finish()
        if drops and ctx.delayed_names:
            result.unnamed = np.ones(result.rows, dtype=np.bool_)
        return result.compact()
    matrix = vector(ctx, node.expr, steps)
    groups = group_by(matrix.table, names, without=without)
    state = ACCUMULATORS[node.op](ctx, node, groups, steps.count)
    state.add(matrix, groups.of_row)
    result = state.finish()
    result.unnamed = _unnamed_groups(matrix, groups.of_row, groups.count)
    return result.compact()


def _unnamed_groups(matrix: Matrix, of_row: Any, count: int) -> Any:
    """A group loses its name at the end when any of its rows would."""
    if matrix.unnamed is None:
        return None
    unnamed = np.zeros(count, dtype=np.bool_)
    np.logical_or.at(unnamed, of_row, matrix.unnamed)
    return unnamed


def _may_collide(ctx: Context, plan: Plan) -> bool:
    """Whether series can become equal when their name goes at once, which is an error that must be seen."""
    if _keeps_name(plan) or ctx.delayed_names:
        return False
    if len(ctx.metadata_labels) > 1:
        return True
    assert isinstance(plan, Window)
    source = plan.source
    named = isinstance(source, RangeSelect) and any(
        m.name == METRIC_NAME and m.op is MatchOp.EQUAL for m in source.matchers
    )
    return not named


def _keeps_name(plan: Plan) -> bool:
    return not isinstance(plan, Window) or RANGE_FUNCTIONS[plan.function].keeps_name


def _stream(ctx: Context, plan: Plan, steps: Steps) -> Stream:
    if ctx.trace is not None:
        return ctx.trace.stream(ctx, plan, steps, _batches)
    return _batches(ctx, plan, steps)


def _batches(ctx: Context, plan: Plan, steps: Steps) -> Stream:
    if isinstance(plan, Select):
        return select_stream(ctx, plan, steps)
    assert isinstance(plan, Window)
    return window_stream(ctx, plan, steps)


def _choose(ctx: Context, node: Aggregate, steps: Steps) -> Matrix:
    names, without = grouping_of(ctx, node)
    if node.op == "count_values":
        choose.check_label(node)
        return count_values(ctx, node, vector(ctx, node.expr, steps), names, without)
    assert node.param is not None
    params = scalar(ctx, node.param, steps)
    if node.streamed and not _may_collide(ctx, node.expr):
        choose.check_parameter(ctx, node, params)
        matrix = _candidates(ctx, node, steps, params)
    else:
        matrix = vector(ctx, node.expr, steps)
        choose.check_parameter(ctx, node, params)
    if node.op == "limit_ratio":
        return choose.choose_ratio(ctx, matrix, params)
    groups = group_by(matrix.table, names, without=without)
    if node.op in choose.FEW:
        return choose.choose_few(ctx, node, matrix, groups, params)
    result = choose.quantile(ctx, node, matrix, groups, params)
    result.unnamed = _unnamed_groups(matrix, groups.of_row, groups.count)
    return result.compact()


def _candidates(ctx: Context, node: Aggregate, steps: Steps, params: Any) -> Matrix:
    """Of each batch of rows only those that its own best, or first, are among: the answer's rows are all there."""
    names, without = grouping_of(ctx, node)
    keeps_name = _keeps_name(node.expr)
    if not keeps_name and not without and not ctx.delayed_names:
        names = tuple(n for n in names if n not in ctx.metadata_labels)
    stream = _stream(ctx, node.expr, steps)
    groups = group_by(stream.table, names, without=without)
    parts: list[Matrix] = []
    at = 0
    for part in stream.parts:
        within = Groups(groups.of_row[at : at + part.rows], groups.table)
        at += part.rows
        few = choose.choose_few(ctx, node, part, within, params)
        ctx.hold(few.rows * steps.count)
        parts.append(few)
    matrix = join(stream.table, parts, steps)
    return matrix if keeps_name else drop_name(ctx, matrix)
