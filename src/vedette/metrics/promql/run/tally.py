"""How many samples each step of a query looks at: ``totalQueryableSamples`` and its list by step.

Kept only for queries that ask for statistics. A step counts what it would look at if it were asked alone: one sample
for each series of a selector, and every sample inside the window for a range, so a sample under overlapping windows
counts in each. A histogram counts by its size, in samples of 16 bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.metrics.contract import SampleBatch
from vedette.model.histogram import FloatHistogram

if TYPE_CHECKING:
    from vedette.metrics.promql.run.context import Context

Int64s = npt.NDArray[np.int64]

# Samples of a batch looked at in one go, so that the working columns stay small.
_CHUNK = 1 << 18
# The original's size of a histogram in memory: the structure, and 8 bytes for each span, bucket and bound.
_HISTOGRAM_BYTES = 168
_SAMPLE_BYTES = 16


class Tally:
    """`counts[i]` samples at step i of an evaluation. Batches may be added from several threads."""

    __slots__ = ("_lock", "counts")

    def __init__(self, steps: int) -> None:
        self.counts = np.zeros(steps, dtype=np.int64)
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def add(self, counts: Int64s | int) -> None:
        with self._lock:
            self.counts += counts

    def cells(self, part: Matrix) -> None:
        """The newest samples of a selector: one for each cell that is present."""
        counts = part.present.sum(axis=0, dtype=np.int64)
        if part.histograms is not None:
            for row, step in zip(*(axis.tolist() for axis in np.nonzero(part.present)), strict=True):
                cell = part.histograms[row, step]
                if cell is not None:
                    counts[step] += histogram_samples(cell) - 1
        self.add(counts)

    def windows(self, batch: SampleBatch, first: int, step: int, span: int) -> None:
        """Every sample with ``first + i * step - span < t <= first + i * step``, at step i."""
        weights = None if batch.histograms is None else _weights(batch)
        counts = np.zeros(len(self.counts), dtype=np.int64)
        for at in range(0, len(batch.timestamps), _CHUNK):
            inside = slice(at, at + _CHUNK)
            part = None if weights is None else weights[inside]
            counts += _in_windows(batch.timestamps[inside], part, len(counts), first, step, span)
        self.add(counts)


def _in_windows(
    times: Int64s, weights: npt.NDArray[np.float64] | None, count: int, first: int, step: int, span: int
) -> Int64s | int:
    if step == 0:
        there = (times > first - span) & (times <= first)
        return int(np.count_nonzero(there) if weights is None else weights[there].sum())
    # The first window that holds a sample, and the first that no longer does.
    enters = np.clip(-((first - times) // step), 0, count)
    leaves = np.clip(-((first - span - times) // step), 0, count)
    change = np.bincount(enters, weights, count + 1) - np.bincount(leaves, weights, count + 1)
    return np.cumsum(change)[:count].astype(np.int64)


def _weights(batch: SampleBatch) -> npt.NDArray[np.float64]:
    assert batch.histograms is not None
    return np.array([1 if h is None else histogram_samples(h) for h in batch.histograms], dtype=np.float64)


def histogram_samples(h: FloatHistogram) -> int:
    """How many samples a histogram counts for."""
    spans = _runs(h.positive) + _runs(h.negative)
    numbers = spans + len(h.positive) + len(h.negative) + len(h.bounds)
    return (_HISTOGRAM_BYTES + 8 * numbers + 8) // _SAMPLE_BYTES


def _runs(buckets: Iterable[int]) -> int:
    """Spans of neighbouring buckets."""
    indexes = sorted(buckets)
    return sum(1 for i, index in enumerate(indexes) if i == 0 or index != indexes[i - 1] + 1)


@contextmanager
def counted_at_every_step(ctx: Context) -> Iterator[None]:
    """Inside, something is computed for one step that holds for all: all count what it counts."""
    outer = ctx.tally
    if outer is None:
        yield
        return
    once = ctx.tally = Tally(1)
    try:
        yield
    finally:
        ctx.tally = outer
        outer.add(once.total)


@contextmanager
def counted_apart(ctx: Context, steps: int) -> Iterator[Tally | None]:
    """Inside runs a subquery of `steps` steps, whose windows are counted by who looks through them."""
    outer = ctx.tally
    if outer is not None:
        ctx.tally = Tally(steps)
    try:
        yield ctx.tally
    finally:
        ctx.tally = outer
