"""info(v, {selector}): labels of info metrics (`target_info`) added to the series of the same instance and job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix, concat
from vedette.algebra.table import LabelTable
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.plan.nodes import Call, Once, Plan, RangeSelect, Select, children
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import full_text, merge_equal, metric_name
from vedette.metrics.promql.run.select import Read, select_stream
from vedette.model.labels import METRIC_NAME, Labels, Matcher, MatchOp

IDENTIFYING = ("instance", "job")
DEFAULT_NAME = Matcher(METRIC_NAME, MatchOp.EQUAL, "target_info")
ANY_INFO_NAME = Matcher(METRIC_NAME, MatchOp.REGEX, ".+_info")

Bools = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]


def info(ctx: Context, node: Call, args: list[Matrix], steps: Steps) -> Matrix:
    base = args[0]
    given = _selector(node).matchers if len(node.args) > 1 else ()
    names = _info_names([m for m in given if m.name == METRIC_NAME])
    data = [m for m in given if m.name != METRIC_NAME]
    wanted = frozenset(m.name for m in data) or None
    required = any(not m.matches("") for m in data)
    itself = np.array(
        [all(m.matches(metric_name(base.table, row)) for m in names) for row in range(base.rows)],
        dtype=np.bool_,
    )
    infos, stamps = _read(ctx, node.args[0], (*names, *data), steps)
    rows = _asked_for(infos.table, base.table.take(np.flatnonzero(~itself)))
    needed: Bools = np.asarray(base.present.any(axis=0))
    winners = _winners(infos, stamps, rows, needed)
    return _enrich(ctx, base, itself, winners, wanted, required)


def _info_names(given: list[Matcher]) -> list[Matcher]:
    """What tells info metrics by their name; matchers that only exclude names exclude them from all ``*_info``."""
    if not given:
        return [DEFAULT_NAME]
    return given if any(not m.op.negative for m in given) else [ANY_INFO_NAME, *given]


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
    stream = select_stream(ctx, select, steps, Read.INFO)
    parts = list(stream.parts)
    if not parts:
        return Matrix.empty(stream.table, steps.count), np.zeros((0, steps.count), dtype=np.int64)
    found = concat(parts)
    return found, np.rint(found.values * 1000).astype(np.int64)


def _asked_for(infos: LabelTable, base: LabelTable) -> list[int]:
    """The rows of `infos` whose identifying labels have values that occur in `base`."""
    chosen = np.ones(infos.rows, dtype=np.bool_)
    any_value = False
    for name in IDENTIFYING:
        values = np.unique(base.column(name))
        values = values[values != 0]
        if len(values):
            any_value = True
            chosen &= np.isin(infos.column(name), values)
    return np.flatnonzero(chosen).tolist() if any_value else []


# Per identity, at which steps ([steps]) which info series are the ones to join; none where there is none.
Winners = dict[Labels, list[tuple[Bools, list[Labels]]]]


def _winners(infos: Matrix, stamps: Int64s, rows: list[int], needed: Bools) -> Winners:
    """`needed`: [steps], where there is something to enrich. Raises `ExecutionError` for two equally new series."""
    metrics: dict[Labels, dict[str, list[int]]] = {}
    identities = infos.table.keep(IDENTIFYING)
    histograms: Bools = np.asarray(infos.histograms_present().any(axis=1))
    for row in rows:
        if histograms[row]:
            labels = full_text(infos.table.labels(row))
            raise ExecutionError(f"this should be an info metric, with float samples: {labels}")
        of_metric = metrics.setdefault(identities.labels(row), {})
        of_metric.setdefault(metric_name(infos.table, row), []).append(row)
    out: Winners = {}
    for identity, of_metric in metrics.items():
        best = [_newest(infos, stamps, np.array(same), needed) for _, same in sorted(of_metric.items())]
        together, which = np.unique(np.stack(best), axis=1, return_inverse=True)
        out[identity] = [
            (which.reshape(-1) == i, [infos.table.labels(row) for row in column if row >= 0])
            for i, column in enumerate(together.T.tolist())
        ]
    return out


def _newest(infos: Matrix, stamps: Int64s, rows: Int64s, needed: Bools) -> Int64s:
    """[steps]: the row with the newest sample, -1 for none."""
    present = infos.present[rows]
    when = np.where(present, stamps[rows], np.iinfo(np.int64).min)
    newest = when.max(axis=0)
    tied = (present & (when == newest)).sum(axis=0) > 1
    if (tied & needed).any():
        step = int(np.flatnonzero(tied & needed)[0])
        pair = rows[present[:, step] & (when[:, step] == newest[step])][:2].tolist()
        first, second = (full_text(infos.table.labels(row)) for row in pair)
        time = int(newest[step])
        raise ExecutionError(
            f"found duplicate series for info metric: existing {first} @ {time}, new {second} @ {time}"
        )
    return np.where(present.any(axis=0), rows[when.argmax(axis=0)], -1)


def _enrich(
    ctx: Context,
    base: Matrix,
    itself: Bools,
    winners: Winners,
    wanted: frozenset[str] | None,
    required: bool,
) -> Matrix:
    labels_of: list[Labels] = []
    rows: list[int] = []
    masks: list[Bools] = []
    always = np.ones(base.steps, dtype=np.bool_)
    keys = list(base.table.keep(IDENTIFYING))
    for row, labels in ctx.stop.watched(enumerate(base.table)):
        here = base.present[row]
        if itself[row]:
            labels_of.append(labels)
            rows.append(row)
            masks.append(here)
            continue
        for when, partners in winners.get(keys[row], [(always, [])]):
            mask = here & when
            if (required and not partners) or not mask.any():
                continue
            labels_of.append(_merged(labels, partners, wanted))
            rows.append(row)
            masks.append(mask)
    if not rows:
        return Matrix.empty(base.table, base.steps)
    table = LabelTable.from_labels(ctx.symbols, labels_of)
    taken = base.take(np.array(rows, dtype=np.int64))
    result = Matrix(table, taken.values, np.stack(masks), taken.histograms, taken.unnamed)
    return merge_equal(result, table)


def _merged(labels: Labels, infos: list[Labels], wanted: frozenset[str] | None) -> Labels:
    added: dict[str, str] = {}
    for one in infos:
        for name, value in one:
            if name == METRIC_NAME or name in labels:
                continue
            if wanted is not None and name not in wanted:
                continue
            if added.get(name, value) != value:
                raise ExecutionError(f"conflicting label: {name}")
            added[name] = value
    return labels.with_(added)
