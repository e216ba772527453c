"""Twins of reading samples at an instant."""

from __future__ import annotations

from vedette.kernels.plain.arithmetic import is_stale
from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s, index_after, series


def instant(
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    lookback: int,
    out: Float64s,
    present: Uint8s,
    which: Int64s,
) -> None:
    """The newest sample with ``t - lookback < ts <= t``; none where it is a stale marker. `which` ([rows, steps], or
    [0, 0] when not wanted) gets its index, -1 for none."""
    for r, samples in enumerate(series(offsets, ts, v)):
        for i in range(out.shape[1]):
            time = first + i * step
            newest = index_after(samples, time) - 1
            there = newest >= 0 and samples[newest][0] > time - lookback and not is_stale(samples[newest][1])
            present[r, i] = there
            out[r, i] = samples[newest][1] if there else 0.0
            if which.shape == out.shape:
                which[r, i] = offsets[r] + newest if there else -1


def count_stale(v: Float64s) -> int:
    """How many of the values are stale markers."""
    return sum(map(is_stale, v.tolist()))


def from_matrix(
    values: Float64s, present: Uint8s, times: Int64s, offsets: Int64s, ts: Int64s, v: Float64s
) -> int:
    """A matrix as sample columns: the present values of each row, in step order. Returns how many."""
    n = 0
    offsets[0] = 0
    for r, row in enumerate(present.tolist()):
        for i, there in enumerate(row):
            if there:
                ts[n], v[n] = times[i], values[r, i]
                n += 1
        offsets[r + 1] = n
    return n
