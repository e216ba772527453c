"""Random native histograms: exponential and custom buckets, resets, gauges, changes of layout, floats between."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from vedette.model.histogram import CUSTOM_SCHEMA, FloatHistogram, Hint
from vedette.model.values import STALE_NAN

Samples = list[tuple[int, float | FloatHistogram]]


def native_series(rng: random.Random, times: list[int]) -> Iterator[tuple[dict[str, str], Samples]]:
    for job in ("api", "web"):
        for number in range(2):
            labels = {"job": job, "instance": f"{job}:{number}"}
            yield {"__name__": "sizes", **labels}, _exponential(rng, times)
            yield {"__name__": "durations", **labels}, _custom(rng, times)
        yield {"__name__": "depth", "job": job}, _gauge(rng, times)
        yield {"__name__": "mixture", "job": job}, _mixture(rng, times)


def _exponential(rng: random.Random, times: list[int]) -> Samples:
    """A counter with resets; now and then the layout changes."""
    schema, threshold = rng.choice([-1, 0, 1, 3]), rng.choice([0.0, 0.001, 0.1])
    sides = rng.choice(["positive", "positive", "negative", "both"])
    current = FloatHistogram(schema, zero_threshold=threshold)
    out: Samples = []
    for t in times:
        if rng.random() < 0.08:
            schema = rng.choice([schema, max(-1, schema - 1), schema + 1])
            current = FloatHistogram(schema, zero_threshold=rng.choice([threshold, threshold, 0.5]))
        elif rng.random() < 0.05:
            current = FloatHistogram(schema, zero_threshold=current.zero_threshold)
        current = _observed(rng, current, sides)
        out.append((t, current))
    return _gaps(rng, out)


def _observed(rng: random.Random, h: FloatHistogram, sides: str) -> FloatHistogram:
    positive, negative, zero = dict(h.positive), dict(h.negative), h.zero_count
    count, total = h.count, h.sum
    lowest = 1 if h.zero_threshold >= 0.5 else -3 if h.zero_threshold == 0.1 else -6
    lowest = lowest * 2**h.schema if h.schema > 0 else lowest
    for _ in range(rng.randint(0, 4)):
        n = float(rng.randint(1, 5))
        count += n
        if rng.random() < 0.15:
            zero += n
            continue
        index = int(max(lowest + 1, 0)) + rng.randint(0, 5)
        side = positive if sides == "positive" or (sides == "both" and rng.random() < 0.6) else negative
        side[index] = side.get(index, 0.0) + n
        total += n * 2.0 ** (index / 2**h.schema) * 0.75 * (1 if side is positive else -1)
    return FloatHistogram(h.schema, count, total, h.zero_threshold, zero, positive, negative)


def _custom(rng: random.Random, times: list[int]) -> Samples:
    wide = (0.1, 0.5, 1.0, 5.0, 10.0)
    bounds = rng.choice([wide, wide, (0.5, 1.0, 5.0), (-1.0, 0.0, 1.0)])
    counts = dict.fromkeys(range(len(bounds) + 1), 0.0)
    total = 0.0
    out: Samples = []
    for t in times:
        if rng.random() < 0.05:
            bounds = rng.choice([wide, (0.5, 1.0, 5.0)])
            counts, total = dict.fromkeys(range(len(bounds) + 1), 0.0), 0.0
        for _ in range(rng.randint(0, 4)):
            index, n = rng.randrange(len(bounds) + 1), float(rng.randint(1, 4))
            counts[index] += n
            total += n * bounds[min(index, len(bounds) - 1)]
        filled = {i: n for i, n in counts.items() if n}
        out.append(
            (t, FloatHistogram(CUSTOM_SCHEMA, sum(filled.values()), total, positive=filled, bounds=bounds))
        )
    return _gaps(rng, out)


def _gauge(rng: random.Random, times: list[int]) -> Samples:
    out: Samples = []
    for t in times:
        h = FloatHistogram(rng.choice([0, 0, 1]), zero_threshold=0.001)
        for _ in range(3):
            h = _observed(rng, h, "both")
        out.append((t, h.with_hint(Hint.GAUGE)))
    return _gaps(rng, out)


def _mixture(rng: random.Random, times: list[int]) -> Samples:
    """Floats, then histograms, sometimes in turn; a NaN observed."""
    h = FloatHistogram(0, zero_threshold=0.001)
    out: Samples = []
    histogram = False
    for t in times:
        if rng.random() < 0.2:
            histogram = not histogram
        h = _observed(rng, h, "positive")
        if rng.random() < 0.04:
            h = FloatHistogram(h.schema, h.count + 1, math.nan, h.zero_threshold, h.zero_count, h.positive)
        out.append((t, h if histogram else h.count))
    return _gaps(rng, out)


def _gaps(rng: random.Random, samples: Samples) -> Samples:
    if rng.random() < 0.3:
        at = rng.randrange(2, len(samples) - 2)
        samples[at] = (samples[at][0], STALE_NAN)
    if rng.random() < 0.3:
        at = rng.randrange(2, len(samples) - 8)
        del samples[at : at + rng.randint(2, 12)]
    return samples
