"""Arithmetic on whole matrices, a few rows at a time: on all cores, and never long without asking whether to go on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.run.context import Context

Float64s = npt.NDArray[np.float64]


def elementwise(
    ctx: Context, matrix: Matrix, function: Callable[[slice], npt.NDArray[np.generic]]
) -> Float64s:
    """``float64[rows, steps]``: what `function` gives for slices of rows, of any type that is a number."""
    shape = matrix.values.shape
    if matrix.rows * matrix.steps <= ctx.batching.cells:
        with np.errstate(all="ignore"):
            whole = np.broadcast_to(function(slice(None)), shape)
            return np.ascontiguousarray(whole, dtype=np.float64)
    out = np.empty(shape)

    def work(start: int, stop: int) -> None:
        # The setting belongs to the thread.
        with np.errstate(all="ignore"):
            out[start:stop] = function(slice(start, stop))

    for _ in ctx.in_batches(matrix.rows, max(1, matrix.steps), work):
        pass
    return out
