"""Start timestamps: when a counter began to count, as far as its samples know (`use-start-timestamps`).

Times are milliseconds, 0 for unknown. The kernel `window_starts` says the same for columns of floats.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.functions.ranges import Windows


def began_again(start_before: int, before: int, start: int, at: int) -> bool:
    """Whether the counter of the sample at `at` started after the sample at `before`.

    A start that equals the time of the sample before is a reset only when that sample knows a start of its own: each
    of these is the sum since the one before. Else the first start was unknown, and was made up by who wrote it.
    """
    if start == 0 or start >= at or start < before:
        return False
    return start > before or (start_before != 0 and start_before < before)


def inside(start: int, begin: int, at: int) -> bool:
    """Whether a counter began within a window that opens at `begin`, before its first sample at `at`."""
    return start != 0 and begin < start < at


def overlaps(start_before: int, before: int, start: int) -> bool:
    """Whether a sample claims time that the sample before it has counted already."""
    return start not in (0, start_before) and start < before


def overlapping_rows(batch: SampleBatch, windows: Windows) -> npt.NDArray[np.int64]:
    """The series that have a window with two consecutive samples whose time overlaps."""
    starts, times = batch.starts, batch.timestamps
    if starts is None or len(times) < 2 or windows.count == 0:
        return np.zeros(0, dtype=np.int64)
    row = np.repeat(np.arange(len(batch.offsets) - 1), np.diff(batch.offsets))
    pair = (starts[1:] != 0) & (starts[1:] < times[:-1]) & (starts[1:] != starts[:-1]) & (row[1:] == row[:-1])
    at = np.flatnonzero(pair)
    # The earliest window that holds the later sample must hold the earlier one, too.
    late = np.maximum(times[at + 1] - windows.first, 0)
    step = -(-late // windows.step) if windows.step else np.where(late > 0, windows.count, 0)
    seen = (step < windows.count) & (windows.first + step * windows.step < times[at] + windows.span)
    found: npt.NDArray[np.int64] = np.unique(row[at[seen]])
    return found
