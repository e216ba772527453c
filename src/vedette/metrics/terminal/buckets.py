"""How histograms use their buckets over time, native and classic: what `promtool query analyze` tells.

A sample is compared with the one before it: how many buckets hold something, and how many have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vedette.metrics.terminal import numbers
from vedette.metrics.terminal.columns import Column, columns_of
from vedette.metrics.terminal.labels import metric
from vedette.metrics.terminal.result import Series
from vedette.metrics.terminal.screen import Screen
from vedette.model.labels import METRIC_NAME

Counts = dict[tuple[str, str], float]  # observations by (lower, upper) bound


@dataclass(frozen=True, slots=True)
class Spread:
    least: float
    mean: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(min(values), sum(values) / len(values), max(values))

    def __str__(self) -> str:
        return " / ".join(numbers.value(f"{v:.3f}") for v in (self.least, self.mean, self.greatest))


@dataclass(frozen=True, slots=True)
class BucketUse:
    """Of one histogram series, over the pairs of samples that follow each other."""

    labels: dict[str, str]
    native: bool
    samples: int
    populated: Spread
    changed: Spread
    added: Spread  # observations that moved, up or down
    buckets: int  # all that were ever there


def bucket_use(found: Sequence[Series]) -> list[BucketUse]:
    """Of the histograms among raw samples: native ones, and classic ones by their ``_bucket`` series.

    A histogram with fewer than two samples is left out.
    """
    used = [_use(one.labels, True, _native(one)) for one in found]
    used += [_use(labels, False, samples) for labels, samples in _classic(found)]
    return [one for one in used if one is not None]


def use_table(used: Sequence[BucketUse], screen: Screen) -> Iterator[str]:
    """A line for each histogram, and the spread over all of them at the end."""
    if not used:
        yield "no histogram has two samples in this time"
        return
    yield screen.paint("least / mean / greatest over the samples of each histogram", "dim")
    yield from columns_of(
        [
            Column("HISTOGRAM", [metric(one.labels) for one in used], "cyan"),
            Column("KIND", ["native" if one.native else "classic" for one in used]),
            Column("SAMPLES", [numbers.count(one.samples) for one in used], numeric=True),
            Column("BUCKETS", [numbers.count(one.buckets) for one in used], numeric=True),
            Column("POPULATED", [str(one.populated) for one in used], numeric=True),
            Column("CHANGED", [str(one.changed) for one in used], numeric=True),
            Column("OBSERVATIONS", [str(one.added) for one in used], numeric=True),
        ],
        screen,
    )
    if len(used) > 1:
        buckets = Spread.of([one.buckets for one in used])
        populated = Spread.of([one.populated.mean for one in used])
        changed = Spread.of([one.changed.mean for one in used])
        yield ""
        yield f"{numbers.count(len(used))} histograms: buckets {buckets}, mean populated {populated}, mean changed {changed}"


def _native(series: Series) -> list[Counts]:
    return [
        {(lower, upper): float(count) for _, lower, upper, count in sample.histogram.get("buckets") or ()}
        for sample in series.samples
        if sample.histogram is not None
    ]


def _classic(found: Sequence[Series]) -> Iterator[tuple[dict[str, str], list[Counts]]]:
    groups: dict[tuple[tuple[str, str], ...], list[Series]] = {}
    for series in found:
        if series.labels.get(METRIC_NAME, "").endswith("_bucket") and "le" in series.labels:
            key = tuple(sorted(pair for pair in series.labels.items() if pair[0] != "le"))
            groups.setdefault(key, []).append(series)
    for key, members in groups.items():
        members.sort(key=lambda one: float(one.labels["le"]))
        by_time: dict[float, dict[str, float]] = {}
        for series in members:
            for sample in series.samples:
                by_time.setdefault(sample.seconds, {})[series.labels["le"]] = sample.number
        bounds = [series.labels["le"] for series in members]
        samples = [
            _apart(bounds, totals) for _, totals in sorted(by_time.items()) if len(totals) == len(bounds)
        ]
        labels = dict(key)
        labels[METRIC_NAME] = labels[METRIC_NAME].removesuffix("_bucket")
        yield labels, samples


def _apart(bounds: Sequence[str], totals: dict[str, float]) -> Counts:
    """Observations of each bucket alone, from the running totals of `le`."""
    counts: Counts = {}
    before, lower = 0.0, "-Inf"
    for bound in bounds:
        counts[lower, bound] = totals[bound] - before
        before, lower = totals[bound], bound
    return counts


def _use(labels: dict[str, str], native: bool, samples: Sequence[Counts]) -> BucketUse | None:
    if len(samples) < 2:
        return None
    populated, changed, added = [], [], []
    for before, now in pairwise(samples):
        moved = [abs(now.get(b, 0.0) - before.get(b, 0.0)) for b in before.keys() | now.keys()]
        populated.append(float(sum(1 for n in now.values() if n)))
        changed.append(float(sum(1 for n in moved if n)))
        added.append(sum(moved))
    buckets = len({bucket for one in samples for bucket in one})
    return BucketUse(
        labels, native, len(samples), Spread.of(populated), Spread.of(changed), Spread.of(added), buckets
    )
