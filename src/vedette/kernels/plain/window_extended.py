"""Twins of the `anchored` and `smoothed` windows: their edges look at the samples around them."""

from __future__ import annotations

import itertools

from vedette.kernels.plain.samples import Float64s, Int64s, Samples, Uint8s, between, index_after, series
from vedette.kernels.plain.window_counters import changed


def run(
    kind: int,
    smoothed: bool,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    span: int,
    lookback: int,
    out: Float64s,
    present: Uint8s,
) -> None:
    """`kind`: 0 rate, 1 increase, 2 delta, 5 changes, 6 resets (the last two only anchored)."""
    for r, samples in enumerate(series(offsets, ts, v)):
        for i in range(out.shape[1]):
            end = first + i * step
            start = end - span
            seen = between(samples, start - lookback, end + lookback if smoothed else end)
            value = (
                _growth(seen, start, end, smoothed, counter=kind != 2)
                if kind <= 2
                else _turns(seen, start, kind)
            )
            if value is not None and kind == 0:
                value /= span / 1000
            present[r, i] = value is not None
            out[r, i] = 0.0 if value is None else value


def _growth(samples: Samples, start: int, end: int, smoothed: bool, *, counter: bool) -> float | None:
    """From the value at the start to the value at the end. Anchored: of the newest sample there; smoothed: on the line
    between the samples around it. Where there is none before the start, the first one inside stands for it."""
    before = index_after(samples, start)
    path = samples[max(before - 1, 0) :]
    if smoothed:
        # One sample at or after the end is enough.
        path = path[: next((i + 1 for i, (t, _) in enumerate(path) if t >= end), len(path))]
    if not path or path[-1][0] <= start:
        return None
    left, right = path[0][1], path[-1][1]
    if smoothed and len(path) > 1:
        if path[0][0] < start:
            left = _line(path[0], path[1], start, counter)
        if path[-1][0] > end:
            right = _line(path[-2], path[-1], end, counter)
    grown = right - left
    if counter:
        values = [left, *(v for t, v in path if start < t < end), right]
        grown += sum(a for a, b in itertools.pairwise(values) if b < a)
    return grown


def _line(a: tuple[int, float], b: tuple[int, float], time: int, counter: bool) -> float:
    """The value at `time` on the line from a to b; a counter that was reset between them started from zero."""
    base = 0.0 if counter and b[1] < a[1] else a[1]
    return base + (b[1] - base) * (time - a[0]) / (b[0] - a[0])


def _turns(samples: Samples, start: int, kind: int) -> float | None:
    """Changes or resets, counted from the newest sample at or before the start."""
    path = samples[max(index_after(samples, start) - 1, 0) :]
    if not path or path[-1][0] <= start:
        return None
    pairs = itertools.pairwise(v for _, v in path)
    return float(sum(b < a if kind == 6 else changed(a, b) for a, b in pairs))


def instant(
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    lookback: int,
    out: Float64s,
    present: Uint8s,
) -> None:
    """The value on the line between the samples around each step; the one before when it is alone."""
    for r, samples in enumerate(series(offsets, ts, v)):
        for i in range(out.shape[1]):
            time = first + i * step
            before = between(samples, time - lookback, time)[-1:]
            after = between(samples, time, time + lookback)[:1]
            present[r, i] = bool(before)
            out[r, i] = 0.0
            if before:
                alone = not after or before[0][0] == time
                out[r, i] = before[0][1] if alone else _line(before[0], after[0], time, False)
