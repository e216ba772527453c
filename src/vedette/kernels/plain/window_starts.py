"""Twins of the window functions of samples that know when their counting began."""

from __future__ import annotations

import itertools

from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s

Sample = tuple[int, float, int]  # time, value, start; 0 is an unknown start


def run(
    kind: int,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    starts: Int64s,
    first: int,
    step: int,
    span: int,
    out: Float64s,
    present: Uint8s,
) -> None:
    """`kind`: 0 rate, 1 increase, 3 irate, 6 resets."""
    samples = list(zip(ts.tolist(), v.tolist(), starts.tolist(), strict=True))
    for r, (begin, stop) in enumerate(itertools.pairwise(offsets.tolist())):
        for i in range(out.shape[1]):
            end = first + i * step
            seen = [s for s in samples[begin:stop] if end - span < s[0] <= end]
            value = _value(kind, seen, end - span, end) if seen else None
            present[r, i] = value is not None
            out[r, i] = 0.0 if value is None else value


def _value(kind: int, samples: list[Sample], start: int, end: int) -> float | None:
    if kind == 6:
        return float(sum(_reset(a, b) for a, b in itertools.pairwise(samples)))
    if kind == 3:
        if len(samples) < 2:
            return None
        a, b = samples[-2:]
        return (b[1] if _reset(a, b) else b[1] - a[1]) / ((b[0] - a[0]) / 1000)
    growth = _growth(samples, start, end)
    if growth is None:
        return None
    grown, factor = growth
    return grown * (factor / ((end - start) / 1000) if kind == 0 else factor)


def _growth(samples: list[Sample], start: int, end: int) -> tuple[float, float] | None:
    """The growth between the samples, and by how much it is extended to the edges of the window. A start inside the
    window is a sample of zero, from where nothing is to be extended."""
    pairs = list(itertools.pairwise(samples))
    (t0, v0, began), (t1, v1, _) = samples[0], samples[-1]
    from_zero = began != 0 and start < began < t0
    if not pairs and not from_zero:
        return None
    grown = v1 - v0
    for a, b in pairs:
        if _reset(a, b):
            grown += a[1]
    gap = (t1 - t0) / 1000 / len(pairs) if pairs else 0.0
    if from_zero:
        grown += v0
        to_start, sampled = 0.0, (t1 - began) / 1000
    else:
        to_start, sampled = (t0 - start) / 1000, (t1 - t0) / 1000
        if to_start >= gap * 1.1:
            to_start = gap / 2
        if grown > 0 and v0 >= 0:
            to_start = min(to_start, sampled * (v0 / grown))
    to_end = (end - t1) / 1000
    if to_end >= gap * 1.1:
        to_end = gap / 2
    return grown, (sampled + to_start + to_end) / sampled


def _reset(a: Sample, b: Sample) -> bool:
    return b[1] < a[1] or _began_again(a, b)


def _began_again(a: Sample, b: Sample) -> bool:
    """Whether the counting of b began after a. That it began in the very moment of a says so only when a knows an
    earlier start of its own."""
    known = b[2] != 0 and b[2] < b[0]
    return known and (b[2] > a[0] or (b[2] == a[0] and a[2] != 0 and a[2] < a[0]))
