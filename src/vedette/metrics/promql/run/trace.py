"""Where the time of one query goes: a record for each operator of its plan.

A tracer exists only when somebody asked for it. Operators know nothing of it: the few places that everything passes
(`vector`, `scalar`, a streamed aggregation's input, `Context.select`, `Context.in_batches`) hand their work over when
the context has one.

What the times mean:

- `total_s` is the wall clock of the thread that runs the query, while it was in an operator or in what feeds it.
- The own time is the total without the totals beneath.
- An operator that streams is entered anew for each batch, so the aggregation above it has only its own share.
- Batches may be worked on by other threads, which finish while the query's thread does something else. `busy_s` sums
  what all threads spent. Where samples are read inside such a batch, the reading is given its part of the wall clock
  in proportion to its part of the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.metrics.contract import SampleBatch, Selection
from vedette.metrics.promql.plan.nodes import (
    Once,
    Plan,
    RangeSelect,
    RangeSource,
    Select,
    SubquerySelect,
    children,
)

if TYPE_CHECKING:
    from vedette.algebra.table import LabelTable
    from vedette.metrics.promql.run.context import Context, Steps
    from vedette.metrics.promql.run.select import Stream
    from vedette.model.labels import Matcher

T = TypeVar("T")


def _spent(record: OperatorTrace) -> float:
    """An operator that its parent passed over was not at work itself, and its inputs were."""
    return record.total_s if record.calls else sum(_spent(child) for child in record.children)


@dataclass(slots=True, eq=False)
class OperatorTrace:
    """What one operator did. Counts of series and cells are of its answer."""

    node: Plan | RangeSource
    children: list[OperatorTrace] = field(default_factory=list)
    calls: int = 0
    total_s: float = 0.0
    busy_s: float = 0.0  # of all threads, in batches
    read_s: float = 0.0  # the part of `busy_s`, or of the total, that reading samples took
    index_s: float = 0.0  # looking series up
    selected: int | None = None  # series that the index found
    series: int = 0
    steps: int = 0
    samples: int = 0  # read from the store
    batches: int = 0
    peak_cells: int = 0  # most samples held at once, above what was held before
    reused: bool = False  # an equal part of the plan had the answer already
    made: bool = False  # not in the plan: an operator made it while running
    fed_by: OperatorTrace | None = field(
        default=None, repr=False
    )  # the operator in whose time this one reads

    @property
    def own_s(self) -> float:
        return max(0.0, self.total_s - sum(_spent(child) for child in self.children))

    @property
    def series_in(self) -> int:
        """Series that came in: from beneath, or from the index."""
        if self.selected is not None:
            return self.selected
        return sum(child.series for child in self.children if child.calls)


class Tracer:
    """The records of one evaluation. Belongs to the thread that runs the query; batches report under a lock."""

    def __init__(self, plan: Plan, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # By identity: equal parts of a plan have a record each. The records keep their nodes alive.
        self._known: dict[int, OperatorTrace] = {}
        self._open: list[OperatorTrace] = []
        self.root = self._enter(plan)

    def _enter(self, node: Plan | RangeSource) -> OperatorTrace:
        record = OperatorTrace(node, [self._enter(child) for child in children(node)])
        self._known[id(node)] = record
        return record

    def _record(self, node: Plan | RangeSource) -> OperatorTrace:
        found = self._known.get(id(node))
        if found is not None:
            return found
        # Made while running, such as what `absent_over_time` asks: it stands beneath who made it, above its own inputs.
        parent = self._open[-1]
        for record in parent.children:
            if record.made and record.node == node:
                return record
        record = OperatorTrace(node, made=True)
        for child in children(node):
            known = self._known.get(id(child))
            if known is not None and known in parent.children:
                parent.children.remove(known)
                record.children.append(known)
        parent.children.append(record)
        self._known[id(node)] = record
        return record

    @contextmanager
    def _inside(self, ctx: Context, record: OperatorTrace) -> Iterator[None]:
        self._open.append(record)
        held, peak = ctx.held, ctx.peak
        ctx.peak = held
        began = self._clock()
        try:
            yield
        finally:
            record.total_s += self._clock() - began
            record.peak_cells = max(record.peak_cells, ctx.peak - held)
            ctx.peak = max(peak, ctx.peak)
            self._open.pop()

    # The places that hand their work over

    def vector(
        self, ctx: Context, plan: Plan, steps: Steps, run: Callable[[Context, Plan, Steps], Matrix]
    ) -> Matrix:
        record = self._record(plan)
        with self._inside(ctx, record):
            matrix = run(ctx, plan, steps)
        record.calls += 1
        record.series = max(record.series, matrix.rows)
        record.steps = max(record.steps, matrix.steps)
        return matrix

    def scalar(self, ctx: Context, plan: Plan, steps: Steps, run: Callable[[Context, Plan, Steps], T]) -> T:
        record = self._record(plan)
        with self._inside(ctx, record):
            values = run(ctx, plan, steps)
        record.calls += 1
        record.series, record.steps = 1, max(record.steps, steps.count)
        return values

    def top(self, ctx: Context, run: Callable[[], T]) -> T:
        """Work of the plan's root that is neither a vector nor a scalar: a range vector as an answer."""
        with self._inside(ctx, self.root):
            answer = run()
        self.root.calls += 1
        return answer

    def stream(
        self, ctx: Context, plan: Plan, steps: Steps, run: Callable[[Context, Plan, Steps], Stream]
    ) -> Stream:
        """What `run` gives; its batches report as they are taken."""
        from vedette.metrics.promql.run.select import Stream

        record = self._record(plan)
        with self._inside(ctx, record):
            stream = run(ctx, plan, steps)
        record.calls += 1
        record.steps = max(record.steps, steps.count)
        return Stream(stream.table, self._parts(ctx, record, stream.parts))

    def _parts(self, ctx: Context, record: OperatorTrace, parts: Iterator[Matrix]) -> Iterator[Matrix]:
        while True:
            with self._inside(ctx, record):
                part = next(parts, None)
            if part is None:
                return
            record.series += int(np.count_nonzero(part.present.any(axis=1)))
            yield part

    def subquery(
        self,
        ctx: Context,
        source: SubquerySelect,
        steps: Steps,
        run: Callable[[Context, SubquerySelect, Steps], tuple[SampleBatch, Matrix]],
    ) -> tuple[SampleBatch, Matrix]:
        record = self._record(source)
        with self._inside(ctx, record):
            batch, matrix = run(ctx, source, steps)
        record.calls += 1
        record.series, record.steps = max(record.series, matrix.rows), max(record.steps, matrix.steps)
        return batch, matrix

    def reused(self) -> None:
        """The operator at work found its answer among those of this evaluation."""
        self._open[-1].reused = True

    def select(
        self, matchers: tuple[Matcher, ...], look_up: Callable[[], tuple[Selection, LabelTable]]
    ) -> tuple[Selection, LabelTable]:
        """The selection, which from now on reports what is read from it."""
        began = self._clock()
        selection, table = look_up()
        took = self._clock() - began
        record = self._reader(matchers)
        record.index_s += took
        record.selected = table.rows
        if record is not self._open[-1]:
            record.fed_by = self._open[-1]
            record.total_s += took
            record.calls += 1
            record.series = max(record.series, table.rows)
        return _TracedSelection(selection, record, self), table

    def _reader(self, matchers: tuple[Matcher, ...]) -> OperatorTrace:
        """Whose series are looked up: the operator at work, or the input of it that names them."""
        here = self._open[-1]
        if isinstance(here.node, Select):
            return here
        for record in here.children:
            node = record.node
            if isinstance(node, Once):
                record, node = record.children[0], node.expr
            if isinstance(node, Select | RangeSelect) and node.matchers == matchers:
                return record
        return self._record(Select(matchers))

    def batch(self, work: Callable[[int, int], T]) -> Callable[[int, int], T]:
        """`work` on a range of rows, timed wherever it runs."""
        record = self._open[-1]

        def timed(start: int, stop: int) -> T:
            began = self._clock()
            result = work(start, stop)
            took = self._clock() - began
            with self._lock:
                record.busy_s += took
                record.batches += 1
            return result

        return timed

    def _note_read(self, record: OperatorTrace, took: float, samples: int) -> None:
        with self._lock:
            record.read_s += took
            record.samples += samples

    def finish(self) -> OperatorTrace:
        """The root. Times of reading have been moved to the operators that read for others."""
        for record in self._known.values():
            reader = record.fed_by
            if reader is not None:
                parallel = reader.busy_s > reader.total_s > 0
                record.busy_s += record.read_s
                record.total_s += record.read_s * (reader.total_s / reader.busy_s if parallel else 1.0)
        return self.root


class _TracedSelection:
    """A selection that tells the tracer what was read. See `vedette.metrics.contract.Selection`."""

    def __init__(self, selection: Selection, record: OperatorTrace, tracer: Tracer) -> None:
        self._selection = selection
        self._record = record
        self._tracer = tracer

    @property
    def table(self) -> LabelTable:
        return self._selection.table

    def read(self, start: int, stop: int, mint: int, maxt: int) -> SampleBatch:
        began = self._tracer._clock()
        batch = self._selection.read(start, stop, mint, maxt)
        self._tracer._note_read(self._record, self._tracer._clock() - began, len(batch.timestamps))
        return batch
