"""The distinct numbers of a column."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

N = TypeVar("N", bound=np.integer)


def distinct(column: npt.NDArray[N]) -> npt.NDArray[N]:
    """The numbers of `column` (any shape), ascending, each once.

    As `numpy.unique` does, which first loads masked arrays to see whether it was given one.
    """
    ascending: npt.NDArray[N] = np.sort(column, axis=None)
    if len(ascending) == 0:
        return ascending
    first = np.empty(len(ascending), dtype=np.bool_)
    first[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return ascending[first]
