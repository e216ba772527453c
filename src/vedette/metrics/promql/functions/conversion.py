"""vector, absent, absent_over_time, timestamp: from one kind of value to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.metrics.promql.functions.instants import instant
from vedette.metrics.promql.functions.math import mapped
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.model.labels import METRIC_NAME, Labels, Matcher, MatchOp


@instant("vector")
def vector_of(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    values = args[0].reshape(1, -1).copy()
    return Matrix(LabelTable.one_empty(ctx.symbols), values, np.ones(values.shape, dtype=np.bool_))


@instant("timestamp")
def timestamp(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    """The evaluation time; of a bare selector the engine asks for the samples' own times instead."""
    matrix: Matrix = args[0]
    values = np.ascontiguousarray(np.broadcast_to(steps.times() / 1000.0, matrix.values.shape))
    return mapped(ctx, Matrix(matrix.table, matrix.values, matrix.present, None, matrix.unnamed), values)


@instant("start_timestamp")
def start_timestamp(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    """0, for unknown: only stored samples know when their counter began, and of them the engine asks it itself."""
    matrix: Matrix = args[0]
    bare = Matrix(matrix.table, matrix.values, matrix.present, None, matrix.unnamed)
    return mapped(ctx, bare, np.zeros(matrix.values.shape))


def absent_labels(matchers: Sequence[Matcher]) -> Labels:
    """The labels that an absent series would have had: of equality matchers that no other on their label follows."""
    known: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in matchers:
        if matcher.name == METRIC_NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in seen:
            known[matcher.name] = matcher.value
            seen.add(matcher.name)
        else:
            known.pop(matcher.name, None)
    return Labels(known)


def absence(ctx: Context, labels: Labels, present: npt.NDArray[np.bool_]) -> Matrix:
    """1 under `labels` at the steps where no row of `present` ([rows, steps]) is there."""
    missing: npt.NDArray[np.bool_] = np.logical_not(present.any(axis=0)).reshape(1, -1)
    table = LabelTable.from_labels(ctx.symbols, [labels])
    return Matrix(table, np.ones(missing.shape), missing).compact()
