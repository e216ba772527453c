"""Random series: what monitoring really stores, and what goes wrong in it.

Times are milliseconds. Every sample stands half a second past a whole second, so that a window whose end is not there
has no sample on its left edge, where Prometheus 2 and 3 differ.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vedette.model.histogram import FloatHistogram
from vedette.model.values import STALE_NAN

from .native import native_series

BASE = 1_700_000_000_000
SPAN = 40 * 60_000
SAMPLE_PHASE = 500

Value = float | FloatHistogram


@dataclass(slots=True)
class Series:
    labels: dict[str, str]
    samples: list[tuple[int, Value]]


@dataclass(slots=True)
class DataSet:
    """`series` are sorted by labels, which is the order both stores return them in."""

    seed: int
    series: list[Series]
    by_name: dict[str, list[Series]] = field(init=False)

    def __post_init__(self) -> None:
        self.series.sort(key=lambda s: sorted(s.labels.items()))
        self.by_name = {}
        for series in self.series:
            self.by_name.setdefault(series.labels["__name__"], []).append(series)

    def label_values(self, names: list[str]) -> dict[str, list[str]]:
        """Every label of these metrics with all its values."""
        found: dict[str, set[str]] = {}
        for name in names:
            for series in self.by_name.get(name, []):
                for label, value in series.labels.items():
                    if label != "__name__":
                        found.setdefault(label, set()).add(value)
        return {label: sorted(values) for label, values in sorted(found.items())}

    @property
    def floats(self) -> list[Series]:
        return [s for s in self.series if not any(isinstance(v, FloatHistogram) for _, v in s.samples)]


def make_data(seed: int, *, native: bool) -> DataSet:
    """The same seed gives the same series. `native` adds native histograms."""
    rng = random.Random(f"data {seed}")
    series = [
        *_counters(rng),
        *_gauges(rng),
        *_odd_values(rng),
        *_classic_histograms(rng),
        *_comings_and_goings(rng),
        *_many(rng),
        *_info(rng),
    ]
    if native:
        series += [Series(labels, samples) for labels, samples in native_series(rng, _times(rng, 30_000))]
    return DataSet(seed, series)


def _times(rng: random.Random, step: int, *, start: int = 0, end: int = SPAN) -> list[int]:
    return [BASE + SAMPLE_PHASE + t for t in range(start, end, step)]


def _with_faults(rng: random.Random, samples: list[tuple[int, float]]) -> list[tuple[int, Value]]:
    """Perhaps a gap, a stale marker, or lost scrapes."""
    out: list[tuple[int, Value]] = list(samples)
    fault = rng.random()
    if fault < 0.2 and len(out) > 8:
        start = rng.randrange(1, len(out) - 6)
        del out[start : start + rng.randint(2, max(3, len(out) // 3))]
    elif fault < 0.35 and len(out) > 4:
        at = rng.randrange(1, len(out))
        out[at] = (out[at][0], STALE_NAN)
        if rng.random() < 0.5:
            del out[at + 1 : at + 1 + rng.randint(1, 12)]
    elif fault < 0.45:
        out = [s for s in out if rng.random() < 0.7]
    return out


def _walk(rng: random.Random, times: list[int], value: Callable[[int], float]) -> list[tuple[int, Value]]:
    return _with_faults(rng, [(t, value(i)) for i, t in enumerate(times)])


def _counter(rng: random.Random, times: list[int], *, top: int = 30) -> list[tuple[int, Value]]:
    level = float(rng.choice([0, 0, 7, 1000, 100_000, 10**9]))
    reset = rng.choice([0.0, 0.0, 0.03, 0.15])
    samples = []
    for t in times:
        samples.append((t, level))
        if rng.random() < reset:
            level = float(rng.choice([0, 0, 3, int(level // 2)]))
        else:
            level += rng.choice([0, 1, rng.randint(0, top), rng.randint(0, top) / 4])
    return _with_faults(rng, samples)


def _counters(rng: random.Random) -> Iterator[Series]:
    step = rng.choice([15_000, 30_000])
    for job in ("api", "web"):
        for number in range(2):
            for code in ("200", "404", "500")[: rng.randint(1, 3)]:
                labels = {"job": job, "instance": f"{job}:{number}", "code": code}
                yield Series({"__name__": "requests_total", **labels}, _counter(rng, _times(rng, step)))
            labels = {"job": job, "instance": f"{job}:{number}"}
            yield Series({"__name__": "errors_total", **labels}, _counter(rng, _times(rng, 60_000), top=3))
            # The same labels under another name.
            yield Series({"__name__": "retries_total", **labels}, _counter(rng, _times(rng, 30_000), top=3))


def _gauges(rng: random.Random) -> Iterator[Series]:
    for job in ("api", "web", "bätch"):
        for number in range(rng.randint(1, 3)):
            labels = {"job": job, "instance": f"{job}:{number}"}
            height, middle = rng.choice([1, 10, 1000]), rng.choice([0, 0, 20, -300])
            wave = rng.uniform(3, 20)
            yield Series(
                {"__name__": "load", **labels},
                _walk(
                    rng,
                    _times(rng, 15_000),
                    lambda i, h=height, m=middle, w=wave: round(8 * (m + h * math.sin(i / w))) / 8,
                ),
            )
            yield Series(
                {"__name__": "memory", **labels},
                _walk(rng, _times(rng, 30_000), lambda i: float(rng.choice([1, 2, 2, 3, 5, 8, 13]))),
            )
            if rng.random() < 0.6:
                room = rng.choice(["kitchen", "Küche", 'a"b\\c', "hall\nway", "日本"])
                yield Series(
                    {"__name__": "temp", "room": room, **labels},
                    _walk(rng, _times(rng, 60_000), lambda i: rng.randint(-80, 80) / 8),
                )
    yield Series({"__name__": "one"}, [(t, 1.0) for t in _times(rng, 60_000)])


def _odd_values(rng: random.Random) -> Iterator[Series]:
    kinds: dict[str, list[float]] = {
        "nan": [math.nan, 1.0, 2.0],
        "inf": [math.inf, 1.0, -1.0],
        "ninf": [-math.inf, 5.0],
        "all": [math.nan, math.inf, -math.inf, 0.0, -0.0, 3.0],
        "huge": [1e300, 1.7e308, -1.3e300, 1.0],
        "overflow": [1.7e308, 1.7e308, -1.7e308],
        "tiny": [1e-300, 1e-9, 0.0, -1.3e-300],
        "zero": [0.0, -0.0],
        "constant": [7.0],
        "mixed": [1e16, 1.0, -1.1e16, 3.0],
    }
    for kind, values in kinds.items():
        yield Series(
            {"__name__": "odd", "kind": kind, "job": "api"},
            _walk(rng, _times(rng, 30_000), lambda i, v=values: rng.choice(v)),
        )


def _classic_histograms(rng: random.Random) -> Iterator[Series]:
    bounds = ["-1", "0", "0.1", "0.5", "1", "2.5", "10", "+Inf"][rng.choice([0, 1, 2, 2]) :]
    times = _times(rng, 30_000)
    for job in ("api", "web"):
        for instance in range(rng.randint(1, 2)):
            fault = rng.choice(["", "", "", "no_inf", "bad_le", "missing", "falling", "twice", "empty"])
            totals = [float(rng.choice([0, 1000]))] * len(bounds)
            rows: list[list[tuple[int, float]]] = [[] for _ in bounds]
            for t in times:
                added = 0
                for i in range(len(bounds)):
                    added += rng.choice([0, 0, 1, rng.randint(0, 9)]) if fault != "empty" else 0
                    totals[i] += added
                    drop = 3 if fault == "falling" and i == 2 else 0
                    rows[i].append((t, totals[i] - drop))
            common = {"__name__": "latency_bucket", "job": job, "instance": f"{job}:{instance}"}
            for i, le in enumerate(bounds):
                if (fault == "no_inf" and le == "+Inf") or (fault == "missing" and i == 1):
                    continue
                yield Series({**common, "le": le}, list(rows[i]))
            if fault == "bad_le":
                yield Series({**common, "le": "wide"}, list(rows[0]))
            if fault == "twice":
                yield Series(
                    {**common, "le": f"{bounds[2]}{'' if '.' in bounds[2] else '.'}0"}, list(rows[2])
                )
            name = {"__name__": "latency_count", "job": job, "instance": f"{job}:{instance}"}
            yield Series(name, list(rows[-1]))


def _comings_and_goings(rng: random.Random) -> Iterator[Series]:
    for number in range(4):
        start = rng.randrange(0, SPAN - 600_000, 1000)
        end = rng.randrange(start + 120_000, SPAN, 1000)
        times = _times(rng, 20_000, start=start, end=end)
        samples: list[tuple[int, Value]] = [(t, float(rng.randint(0, 5))) for t in times]
        if rng.random() < 0.6:
            samples.append((times[-1] + 20_000, STALE_NAN))
        yield Series({"__name__": "pod", "job": "web", "pod": f"p{number}"}, samples)
    at, samples = BASE + SAMPLE_PHASE, []
    while at < BASE + SPAN:
        samples.append((at, float(rng.randint(-20, 20))))
        at += 1000 * rng.choice([1, 2, 5, 15, 15, 40, 90, 400])
    yield Series({"__name__": "irregular", "job": "api"}, samples)


def _many(rng: random.Random) -> Iterator[Series]:
    for number in range(60):
        labels = {"id": str(number), "shard": str(number % 7), "even": str(number % 2 == 0).lower()}
        yield Series(
            {"__name__": "big", **labels},
            [(t, float((number * 37 + i * 11) % 101)) for i, t in enumerate(_times(rng, 120_000))],
        )


def _info(rng: random.Random) -> Iterator[Series]:
    for job in ("api", "web"):
        for number in range(2):
            labels = {"job": job, "instance": f"{job}:{number}"}
            version = rng.choice(["1.0", "2.0"])
            half = rng.randrange(0, SPAN, 60_000)
            yield Series(
                {"__name__": "target_info", "version": version, **labels},
                [(t, 1.0) for t in _times(rng, 60_000, end=half or 60_000)],
            )
            if rng.random() < 0.5:
                # A newer one takes over.
                yield Series(
                    {"__name__": "target_info", "version": "3.0", "zone": "b", **labels},
                    [(t, 1.0) for t in _times(rng, 60_000, start=half)],
                )
            yield Series(
                {"__name__": "build_info", "commit": rng.choice(["abc", "def"]), **labels},
                [(t, 1.0) for t in _times(rng, 60_000)],
            )
