"""What the operators of one evaluation share: the view of the store, limits, annotations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.algebra.scratch import ScratchSymbols
from vedette.algebra.table import LabelTable
from vedette.metrics.contract import Querier, Selection
from vedette.metrics.promql.annotations import Annotations
from vedette.metrics.promql.errors import QueryCanceled, QueryTimeout, TooManySamples
from vedette.metrics.promql.plan.nodes import Plan
from vedette.metrics.promql.run.batches import CORES, DEFAULT_BATCHING, Batching, kernel_pool, on_all_cores
from vedette.metrics.promql.run.tally import Int64s, Tally
from vedette.metrics.promql.run.trace import Tracer
from vedette.model.labels import Matcher

T = TypeVar("T")

DELAYED_NAME_REMOVAL = "promql-delayed-name-removal"
TYPE_AND_UNIT_LABELS = "type-and-unit-labels"
USE_START_TIMESTAMPS = "use-start-timestamps"


# Cells of a matrix that count for a sample when nothing stands in them.
CELLS_A_SAMPLE = 2
# Cells of a row from which no other is computed beside it.
LONGEST_ROW = 1 << 24
# Milliseconds between the samples of a series, to guess how many there are.
_USUAL_GAP = 15_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Evaluation times ``start, start + step, ...``, `count` of them, in milliseconds."""

    start: int
    step: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.step * (self.count - 1)

    def times(self) -> Int64s:
        return np.int64(self.start) + np.arange(self.count, dtype=np.int64) * np.int64(self.step)

    def row_cells(self, mint: int, maxt: int) -> int:
        """What a row costs that is read from `mint` to `maxt`: its steps or its samples, whichever are more."""
        return max(self.count, (maxt - mint) // _USUAL_GAP + 1)

    def pinned(self, at: int | None) -> Steps:
        return self if at is None else Steps(at, 0, self.count)


@dataclass(slots=True)
class Stop:
    """Why an evaluation must end early: the caller's token, or the clock."""

    canceled: threading.Event | None = None
    deadline: float = float("inf")  # time.monotonic()

    def check(self) -> None:
        if self.canceled is not None and self.canceled.is_set():
            raise QueryCanceled
        if time.monotonic() > self.deadline:
            raise QueryTimeout

    def watched(self, items: Iterable[T], every: int = 256) -> Iterator[T]:
        """`items`, with a check before every so many: for loops that are interpreted."""
        for i, item in enumerate(items):
            if i % every == 0:
                self.check()
            yield item


@dataclass(slots=True)
class Context:
    querier: Querier
    symbols: ScratchSymbols
    annotations: Annotations
    stop: Stop
    lookback: int
    max_samples: int
    features: frozenset[str]
    start: int  # of the whole query
    end: int
    step: int
    batching: Batching = DEFAULT_BATCHING
    series: int = 0
    samples: int = 0  # read so far
    held: int = 0  # in memory now
    peak: int = 0
    sort_s: float = 0.0
    tally: Tally | None = None  # of the evaluation at hand, when statistics are asked for
    _selections: dict[tuple[tuple[Matcher, ...], int, int], Any] = field(default_factory=dict)
    repeated: frozenset[Plan] = frozenset()
    results: dict[tuple[Plan, Steps], Any] = field(default_factory=dict)
    trace: Tracer | None = None  # None: nobody wants to know
    without_buckets: bool = False  # beneath a function of count and sum
    tallied: dict[tuple[Plan, Steps], Int64s] = field(
        default_factory=dict
    )  # what computing `results` counted

    @property
    def delayed_names(self) -> bool:
        return DELAYED_NAME_REMOVAL in self.features

    @property
    def metadata_labels(self) -> tuple[str, ...]:
        """The labels that go away with the metric name."""
        if TYPE_AND_UNIT_LABELS in self.features:
            return ("__name__", "__type__", "__unit__")
        return ("__name__",)

    @property
    def instant(self) -> bool:
        return self.step == 0

    def select(self, matchers: tuple[Matcher, ...], mint: int, maxt: int) -> tuple[Selection, LabelTable]:
        """The series of a selector; asked for once however often it appears."""
        if self.trace is not None:
            return self.trace.select(matchers, lambda: self._select(matchers, mint, maxt))
        return self._select(matchers, mint, maxt)

    def _select(self, matchers: tuple[Matcher, ...], mint: int, maxt: int) -> tuple[Selection, LabelTable]:
        key = (matchers, mint, maxt)
        found = self._selections.get(key)
        if found is None:
            selection = self.querier.select(matchers, mint, maxt, self.stop.check)
            table = selection.table
            found = selection, LabelTable(self.symbols, table.columns, table.rows)
            self._selections[key] = found
            self.series += table.rows
        result: tuple[Selection, LabelTable] = found
        return result

    def hold(self, samples: int) -> None:
        """Counts samples that now live in memory. Raises `TooManySamples`."""
        self.held += samples
        self.afford(0)

    def afford(self, samples: int) -> None:
        """Raises `TooManySamples` when so many more could not be held. They count for the peak, and are not kept."""
        held = self.held + samples
        if held > self.peak:
            self.peak = held
        if held > self.max_samples:
            raise TooManySamples

    def afford_cells(self, cells: int) -> None:
        """Raises `TooManySamples` when a matrix of so many cells can't be held, not even alone and with gaps only."""
        if cells // CELLS_A_SAMPLE > self.max_samples:
            raise TooManySamples

    def afford_steps(self, steps: int) -> None:
        """Raises `TooManySamples` when one row of so many steps, and their times, can't be held."""
        if self.held + steps > self.max_samples:
            raise TooManySamples

    def hold_matrix(self, matrix: Matrix) -> None:
        """Counts its samples; a cell without one takes memory, too, and counts for a part."""
        self.hold(max(matrix.samples(), matrix.rows * matrix.steps // CELLS_A_SAMPLE))

    def release(self, samples: int) -> None:
        self.held -= samples

    def in_batches(self, rows: int, row_cells: int, work: Callable[[int, int], T]) -> Iterator[T]:
        """`work(start, stop)` over consecutive rows, results in order; on all cores when that pays."""
        if self.trace is not None:
            work = self.trace.batch(work)
        bounds = self.batching.bounds(rows, row_cells)
        # Of rows so long that each takes as much memory as a large answer, one at a time.
        shared = len(bounds) > 1 and self.batching.threads_from <= rows * row_cells <= rows * LONGEST_ROW
        if not shared or CORES < 2:
            for start, stop in bounds:
                self.stop.check()
                yield work(start, stop)
            return
        yield from on_all_cores(kernel_pool(self.batching.pool), bounds, work, self.stop.check)


def metric_names(table: LabelTable) -> Sequence[str]:
    """The metric name of every row."""
    column = table.columns.get("__name__")
    if column is None:
        return [""] * table.rows
    strings = table.symbols.strings
    return [strings[i] for i in column.tolist()]
