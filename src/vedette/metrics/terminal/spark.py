"""A line of a few characters: the shape of a series."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-=+*#%"
GAP = " "


def sparkline(
    points: Sequence[tuple[float, float]],
    start: float,
    step: float,
    steps: int,
    columns: int,
    *,
    unicode: bool,
) -> str:
    """The mean of each of `columns` equal parts of the `steps` from `start`, between the series' least and greatest.

    `points` are (time, value). A part without a number is a gap; infinities are at the edge. No more columns than steps.
    """
    levels = BLOCKS if unicode else ASCII
    columns = min(columns, steps)
    sums, counts, edges = [0.0] * columns, [0] * columns, [0.0] * columns
    for at, number in points:
        place = round((at - start) / step) * columns // steps
        if not 0 <= place < columns:
            continue
        if math.isinf(number):
            edges[place] = number
        elif not math.isnan(number):
            sums[place] += number
            counts[place] += 1
    means = [total / n if n else None for total, n in zip(sums, counts, strict=True)]
    known = [mean for mean in means if mean is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    drawn = []
    for mean, edge in zip(means, edges, strict=True):
        if edge:
            drawn.append(levels[-1] if edge > 0 else levels[0])
        elif mean is None:
            drawn.append(GAP)
        elif high == low:
            # A flat line has no shape; zero lies at the bottom.
            drawn.append(levels[0] if mean == 0 else levels[3])
        else:
            drawn.append(levels[min(7, int((mean - low) / (high - low) * 8))])
    return "".join(drawn)


def bar(share: float, columns: int, *, unicode: bool) -> str:
    """A bar of `share` (0 to 1) of `columns`, filled up with spaces."""
    share = min(1.0, max(0.0, share))
    if not unicode:
        return ("#" * round(share * columns)).ljust(columns)
    eighths = round(share * columns * 8)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")).ljust(columns)
