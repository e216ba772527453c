"""Sample columns as lists of ``(time in ms, value)``, and the windows that run over them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Uint8s = npt.NDArray[np.uint8]

Samples = list[tuple[int, float]]
# The value of one window of at least one sample, which reaches from `start` (excluded) to `end`; None: no result.
# `params` are the numbers of this step.
WindowFunction = Callable[[Samples, int, int, list[float]], float | None]


def series(offsets: Int64s, ts: Int64s, v: Float64s) -> Iterator[Samples]:
    """The samples of each row."""
    times, values = ts.tolist(), v.tolist()
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        yield list(zip(times[begin:end], values[begin:end], strict=True))


def between(samples: Samples, start: int, end: int) -> Samples:
    """Those with ``start < t <= end``."""
    return samples[index_after(samples, start) : index_after(samples, end)]


def index_after(samples: Samples, time: int) -> int:
    """How many samples there are up to `time`, included."""
    return bisect_right(samples, time, key=lambda sample: sample[0])


def each_window(
    function: WindowFunction,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    span: int,
    params: Float64s,
    out: Float64s,
    present: Uint8s,
) -> None:
    """Fills `out` and `present` ([rows, steps]). Window i ends at ``first + i * step`` and reaches back `span`."""
    steps = out.shape[1]
    numbers = params.tolist() if params.shape[1:] != (0,) else [[]] * steps
    for r, samples in enumerate(series(offsets, ts, v)):
        for i in range(steps):
            end = first + i * step
            inside = between(samples, end - span, end)
            value = function(inside, end - span, end, numbers[i]) if inside else None
            present[r, i] = value is not None
            out[r, i] = 0.0 if value is None else value


def no_params(out: Float64s) -> Float64s:
    return np.zeros((out.shape[1], 0))
