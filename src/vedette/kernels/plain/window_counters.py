"""Twins of the window functions of counters and gauges."""

from __future__ import annotations

import itertools
import math

from vedette.kernels.plain.samples import Float64s, Int64s, Samples, Uint8s, each_window, no_params


def run(
    kind: int,
    offsets: Int64s,
    ts: Int64s,
    v: Float64s,
    first: int,
    step: int,
    span: int,
    out: Float64s,
    present: Uint8s,
) -> None:
    """`kind`: 0 rate, 1 increase, 2 delta, 3 irate, 4 idelta, 5 changes, 6 resets."""
    function = (_rate, _increase, _delta, _irate, _idelta, _changes, _resets)[kind]
    each_window(function, offsets, ts, v, first, step, span, no_params(out), out, present)


def _rate(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    return (
        None if len(samples) < 2 else _growth(samples, start, end, counter=True, seconds=(end - start) / 1000)
    )


def _increase(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    return None if len(samples) < 2 else _growth(samples, start, end, counter=True)


def _delta(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    return None if len(samples) < 2 else _growth(samples, start, end, counter=False)


def _growth(samples: Samples, start: int, end: int, *, counter: bool, seconds: float | None = None) -> float:
    """The growth between the first and the last sample, extended to the edges of the window, or to half a gap when
    an edge is further away than a sample would be."""
    (t0, v0), (t1, v1) = samples[0], samples[-1]
    grown = v1 - v0
    if counter:
        for (_, before), (_, after) in itertools.pairwise(samples):
            if after < before:
                grown += before
    to_start, to_end, sampled = (t0 - start) / 1000, (end - t1) / 1000, (t1 - t0) / 1000
    gap = sampled / (len(samples) - 1)
    if to_start >= gap * 1.1:
        to_start = gap / 2
    if counter and grown > 0 and v0 >= 0:
        # A counter can't have been below zero before its first sample.
        to_zero = sampled * (v0 / grown)
        to_start = min(to_start, to_zero)
    if to_end >= gap * 1.1:
        to_end = gap / 2
    factor = (sampled + to_start + to_end) / sampled
    if seconds is not None:
        factor /= seconds
    return grown * factor


def _irate(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    if len(samples) < 2:
        return None
    (t0, before), (t1, after) = samples[-2:]
    # After a reset the counter has grown from zero.
    return (after if after < before else after - before) / ((t1 - t0) / 1000)


def _idelta(samples: Samples, start: int, end: int, params: list[float]) -> float | None:
    return None if len(samples) < 2 else samples[-1][1] - samples[-2][1]


def _changes(samples: Samples, start: int, end: int, params: list[float]) -> float:
    return float(sum(changed(a, b) for (_, a), (_, b) in itertools.pairwise(samples)))


def _resets(samples: Samples, start: int, end: int, params: list[float]) -> float:
    return float(sum(b < a for (_, a), (_, b) in itertools.pairwise(samples)))


def changed(a: float, b: float) -> bool:
    """From NaN to NaN is no change."""
    return a != b and not (math.isnan(a) and math.isnan(b))
