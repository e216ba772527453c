"""info(v, {selector}): labels of info metrics (`target_info`) added to the series of the same instance and job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.plan.nodes import Call, Once, Plan, RangeSelect, Select, children
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import merge_equal
from vedette.metrics.promql.run.select import Read, select_stream
from vedette.model.labels import METRIC_NAME, Labels, Matcher, MatchOp

IDENTIFYING = ("instance", "job")
DEFAULT_NAME = Matcher(METRIC_NAME, MatchOp.EQUAL, "target_info")
ANY_INFO_NAME = Matcher(METRIC_NAME, MatchOp.REGEX, ".+_info")

Int64s = npt.NDArray[np.int64]


def info(ctx: Context, node: Call, args: list[Matrix], steps: Steps) -> Matrix:
    base = args[0]
    given = _selector(node).matchers if len(node.args) > 1 else ()
    names = [m for m in given if m.name == METRIC_NAME] or [DEFAULT_NAME]
    data = [m for m in given if m.name != METRIC_NAME]
    wanted = frozenset(m.name for m in data) or None
    required = any(not m.matches("") for m in data)
    positive = [m for m in names if not m.op.negative]
    itself = np.array(
        [bool(positive) and all(m.matches(labels.name) for m in positive) for labels in base.table],
        dtype=np.bool_,
    )
    matchers = (*names, *data) if positive else (*names, ANY_INFO_NAME, *data)
    infos, stamps = _read(ctx, node.args[0], matchers, steps)
    tables = _by_identity(infos)
    return _enrich(ctx, base, itself, infos, stamps, tables, wanted, required)


def _selector(node: Call) -> Select:
    arg = node.args[1]
    arg = arg.expr if isinstance(arg, Once) else arg
    assert isinstance(arg, Select)
    return arg


def _times(plan: Any) -> Iterator[Select | RangeSelect]:
    if isinstance(plan, Select | RangeSelect):
        yield plan
    for child in children(plan):
        yield from _times(child)


def _read(ctx: Context, arg: Plan, matchers: tuple[Matcher, ...], steps: Steps) -> tuple[Matrix, Int64s]:
    """Info series at every step, read where the base's own selector reads; and the times of their samples."""
    where = next(_times(arg), None)
    offset, at = (where.offset, where.at) if where is not None else (0, None)
    select = Select(matchers, offset, at)
    stream = select_stream(ctx, select, steps, Read.TIME)
    table, parts = stream.table, list(stream.parts)
    if not parts:
        return Matrix.empty(table, steps.count), np.zeros((0, steps.count), dtype=np.int64)
    values = np.concatenate([p.values for p in parts])
    present = np.concatenate([p.present for p in parts])
    return Matrix(table, values, present), np.rint(values * 1000).astype(np.int64)


def _by_identity(infos: Matrix) -> dict[Labels, list[int]]:
    found: dict[Labels, list[int]] = {}
    for row, labels in enumerate(infos.table.keep(IDENTIFYING)):
        if labels:
            found.setdefault(labels, []).append(row)
    return found


def _enrich(
    ctx: Context,
    base: Matrix,
    itself: npt.NDArray[np.bool_],
    infos: Matrix,
    stamps: Int64s,
    identities: dict[Labels, list[int]],
    wanted: frozenset[str] | None,
    required: bool,
) -> Matrix:
    labels_of: list[Labels] = []
    rows: list[int] = []
    masks: list[npt.NDArray[np.bool_]] = []
    keys = list(base.table.keep(IDENTIFYING))
    for row, labels in enumerate(base.table):
        here = base.present[row]
        candidates = [] if itself[row] else identities.get(keys[row], [])
        if itself[row]:
            labels_of.append(labels)
            rows.append(row)
            masks.append(here)
            continue
        chosen = _winners(infos, stamps, candidates)
        for key in {tuple(column) for column in chosen.T.tolist()}:
            mask = here & (chosen == np.array(key, dtype=np.int64).reshape(-1, 1)).all(axis=0)
            partners = [k for k in key if k >= 0]
            if not mask.any() or (required and not partners):
                continue
            labels_of.append(_merged(labels, [infos.table.labels(k) for k in partners], wanted))
            rows.append(row)
            masks.append(mask)
    if not rows:
        return Matrix.empty(base.table, base.steps)
    table = LabelTable.from_labels(ctx.symbols, labels_of)
    taken = base.take(np.array(rows, dtype=np.int64))
    result = Matrix(table, taken.values, np.stack(masks), taken.histograms, taken.unnamed)
    return merge_equal(result, table)


def _winners(infos: Matrix, stamps: Int64s, candidates: list[int]) -> Int64s:
    """[info metrics, steps]: of each info metric the row with the newest sample, -1 for none."""
    names: dict[str, list[int]] = {}
    for row in candidates:
        names.setdefault(infos.table.value(row, METRIC_NAME), []).append(row)
    steps = infos.steps
    if not names:
        return np.full((1, steps), -1, dtype=np.int64)
    out = []
    for name, rows in sorted(names.items()):
        when = np.where(infos.present[rows], stamps[rows], np.iinfo(np.int64).min)
        best = when.argmax(axis=0)
        newest = when[best, np.arange(steps)]
        there = infos.present[rows].any(axis=0)
        if ((when == newest).sum(axis=0) > 1)[there].any():
            raise ExecutionError(f"found duplicate series for info metric: {name}")
        out.append(np.where(there, np.array(rows)[best], -1))
    return np.stack(out)


def _merged(labels: Labels, infos: list[Labels], wanted: frozenset[str] | None) -> Labels:
    added: dict[str, str] = {}
    for one in infos:
        for name, value in one:
            if name == METRIC_NAME or name in IDENTIFYING or name in labels:
                continue
            if wanted is not None and name not in wanted:
                continue
            if added.get(name, value) != value:
                raise ExecutionError(f"conflicting label: {name}")
            added[name] = value
    return labels.with_(added)
