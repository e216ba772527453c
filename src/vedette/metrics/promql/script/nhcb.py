"""`load_with_nhcb`: classic histograms stored a second time, as native ones with custom buckets."""

from __future__ import annotations

import math
from collections import defaultdict

from vedette.metrics.promql.script.commands import Load
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.histogram import CUSTOM_SCHEMA, FloatHistogram
from vedette.model.labels import BUCKET_LABEL, METRIC_NAME, Labels
from vedette.model.values import parse_go_float

_SUFFIXES = ("_bucket", "_sum", "_count")


def add_custom_bucket_histograms(store: MemoryStorage, command: Load) -> None:
    found: dict[tuple[Labels, int], dict[str, dict[float, float]]] = defaultdict(lambda: defaultdict(dict))
    for series in command.series:
        labels = series.labels
        suffix = next((s for s in _SUFFIXES if labels.name.endswith(s)), None)
        if suffix is None or (suffix == "_bucket") != (BUCKET_LABEL in labels):
            continue
        base = labels.with_({METRIC_NAME: labels.name.removesuffix(suffix), BUCKET_LABEL: ""})
        bound = _bound(labels[BUCKET_LABEL]) if suffix == "_bucket" else math.inf
        if math.isnan(bound):
            continue
        stored = store.series.get(labels)
        if stored is None:
            continue
        for time, value in zip(stored.times, stored.values, strict=True):
            if not isinstance(value, FloatHistogram):
                found[base, time][suffix][bound] = value
    for (labels, time), parts in sorted(found.items(), key=lambda item: item[0][1]):
        store.add(labels, time, _native(parts))


def _bound(text: str) -> float:
    """The upper bound of a bucket; NaN for what is none."""
    try:
        return parse_go_float(text)
    except ValueError:
        return math.nan


def _native(parts: dict[str, dict[float, float]]) -> FloatHistogram:
    """Without a bucket up to +Inf, the count tells what is above the last one; without any, it is all there is."""
    cumulative = sorted(parts["_bucket"].items())
    counts: dict[int, float] = {}
    before = 0.0
    for index, (_, total) in enumerate(cumulative):
        if total != before:
            counts[index] = total - before
        before = total
    bounds = tuple(bound for bound, _ in cumulative if not math.isinf(bound))
    count = parts["_count"].get(math.inf, before)
    if len(bounds) == len(cumulative) and count != before:
        counts[len(bounds)] = count - before
    return FloatHistogram(
        schema=CUSTOM_SCHEMA,
        count=count,
        sum=parts["_sum"].get(math.inf, 0.0),
        positive=counts,
        bounds=bounds,
    )
