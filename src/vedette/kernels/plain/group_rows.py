"""Twin of numbering equal rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def group(
    columns: npt.NDArray[np.int32], groups: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]
) -> int:
    """Numbers equal rows of ``columns[columns, rows]`` in order of first appearance; returns how many there are."""
    numbers: dict[tuple[int, ...], int] = {}
    for r in range(columns.shape[1]):
        key = tuple(columns[:, r].tolist())
        if key not in numbers:
            numbers[key] = len(numbers)
            firsts[numbers[key]] = r
        groups[r] = numbers[key]
    return len(numbers)
