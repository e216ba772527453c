"""Twins of aggregation over groups of rows: each call adds one batch of rows to the state of their groups."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vedette.kernels.plain import arithmetic
from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s

Cell = tuple[int, int]  # group, step


def _cells(values: Float64s, present: Uint8s, groups: Int64s) -> Iterator[tuple[Cell, float]]:
    """Every present value with the cell of the state it belongs to, in row order."""
    rows, steps = values.shape
    for r in range(rows):
        for s in range(steps):
            if present[r, s]:
                yield (int(groups[r]), s), float(values[r, s])


def _members(present: Uint8s, order: Int64s, bounds: Int64s) -> Iterator[tuple[Cell, list[int]]]:
    """The present rows of every cell. ``order[bounds[g]:bounds[g + 1]]`` are the rows of group g."""
    for g in range(len(bounds) - 1):
        rows = order[bounds[g] : bounds[g + 1]].tolist()
        for s in range(present.shape[1]):
            yield (g, s), [r for r in rows if present[r, s]]


def add_sum(
    values: Float64s, present: Uint8s, groups: Int64s, totals: Float64s, lost: Float64s, counts: Float64s
) -> None:
    for cell, x in _cells(values, present, groups):
        totals[cell], lost[cell] = arithmetic.add(float(totals[cell]), float(lost[cell]), x)
        counts[cell] += 1


def add_avg(
    values: Float64s,
    present: Uint8s,
    groups: Int64s,
    totals: Float64s,
    lost: Float64s,
    counts: Float64s,
    running: Uint8s,
) -> None:
    """The sum, until it overflows; from then on, where `running` says so, `totals` and `lost` are of the mean."""
    for cell, x in _cells(values, present, groups):
        total, gone, before = float(totals[cell]), float(lost[cell]), float(counts[cell])
        counts[cell] += 1
        if not running[cell]:
            after = arithmetic.add(total, gone, x)
            if before == 0 or not math.isinf(after[0]):
                totals[cell], lost[cell] = after
                continue
            running[cell] = 1
            total, gone = total / before, gone / before
        share = before / (before + 1)
        totals[cell], lost[cell] = arithmetic.add(total * share, gone * share, x / (before + 1))


def add_count(present: Uint8s, groups: Int64s, counts: Float64s) -> None:
    for r, group in enumerate(groups.tolist()):
        counts[group] += present[r]


def add_extreme(
    values: Float64s, present: Uint8s, groups: Int64s, greatest: bool, best: Float64s, counts: Float64s
) -> None:
    """The smallest or greatest value; NaN only when there is nothing else."""
    for cell, x in _cells(values, present, groups):
        if counts[cell] == 0 or arithmetic.improves(x, float(best[cell]), greatest=greatest):
            best[cell] = x
        counts[cell] += 1


def add_variance(
    values: Float64s,
    present: Uint8s,
    groups: Int64s,
    means: Float64s,
    means_lost: Float64s,
    squares: Float64s,
    squares_lost: Float64s,
    counts: Float64s,
) -> None:
    """The running mean and the sum of squared distances from it; a value that is not finite leaves no variance."""
    for cell, x in _cells(values, present, groups):
        counts[cell] += 1
        if not math.isfinite(x):
            squares[cell] = math.nan
        distance = x - float(means[cell] + means_lost[cell])
        means[cell], means_lost[cell] = arithmetic.add(
            float(means[cell]), float(means_lost[cell]), distance / float(counts[cell])
        )
        area = distance * (x - float(means[cell] + means_lost[cell]))
        squares[cell], squares_lost[cell] = arithmetic.add(
            float(squares[cell]), float(squares_lost[cell]), area
        )


def quantile(
    values: Float64s,
    present: Uint8s,
    order: Int64s,
    bounds: Int64s,
    q: Float64s,
    out: Float64s,
    reached: Uint8s,
) -> None:
    """Quantile ``q[step]`` of each group."""
    for cell, rows in _members(present, order, bounds):
        step = cell[1]
        reached[cell] = bool(rows)
        out[cell] = arithmetic.quantile(float(q[step]), values[rows, step].tolist()) if rows else 0.0


def top(
    values: Float64s,
    present: Uint8s,
    order: Int64s,
    bounds: Int64s,
    k: Int64s,
    greatest: bool,
    chosen: Uint8s,
) -> None:
    """Marks the ``k[step]`` greatest (or smallest) values; NaN only when nothing else is left. A heap with the worst on
    top, kept as the original keeps it, decides which of equal values stay."""
    for (_, step), rows in _members(present, order, bounds):
        want = int(k[step])
        heap: list[int] = []

        def worse(i: int, j: int, heap: list[int] = heap, step: int = step) -> bool:
            a, b = float(values[heap[i], step]), float(values[heap[j], step])
            return math.isnan(a) or (a < b if greatest else a > b)

        for row in rows if want > 0 else ():
            if len(heap) < want:
                heap.append(row)
                i = len(heap) - 1
                while i > 0 and worse(i, (i - 1) // 2):
                    heap[i], heap[(i - 1) // 2] = heap[(i - 1) // 2], heap[i]
                    i = (i - 1) // 2
                continue
            new, worst = float(values[row, step]), float(values[heap[0], step])
            if math.isnan(new) or not (math.isnan(worst) or (worst < new if greatest else worst > new)):
                continue
            heap[0] = row
            i = 0
            while 2 * i + 1 < len(heap):
                child = 2 * i + 1
                if child + 1 < len(heap) and worse(child + 1, child):
                    child += 1
                if not worse(child, i):
                    break
                heap[i], heap[child] = heap[child], heap[i]
                i = child
        chosen[heap, step] = 1


def limit(present: Uint8s, order: Int64s, bounds: Int64s, k: Int64s, chosen: Uint8s) -> None:
    """Marks the first ``k[step]`` present rows of each group, in `order`."""
    for (_, step), rows in _members(present, order, bounds):
        chosen[rows[: max(int(k[step]), 0)], step] = 1
