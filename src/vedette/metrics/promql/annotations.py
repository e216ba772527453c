"""Warnings and infos that travel with an answer, in the original's words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vedette.metrics.promql.errors import line_and_column
from vedette.model.labels import quote
from vedette.template.floats import format_float

MOST_SHOWN = 10
_FORCED_MONOTONICITY = (
    "input to histogram_quantile needed to be fixed for monotonicity (see "
    "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


@dataclass(frozen=True, slots=True)
class ForcedMonotonicity:
    """Where bucket counts had to be raised: between which bounds, by how much, how often, and when (ms)."""

    low: float
    high: float
    difference: float
    samples: int
    start: int
    end: int

    def with_(self, other: ForcedMonotonicity) -> ForcedMonotonicity:
        return ForcedMonotonicity(
            min(self.low, other.low),
            max(self.high, other.high),
            max(self.difference, other.difference),
            self.samples + other.samples,
            min(self.start, other.start),
            max(self.end, other.end),
        )

    def __str__(self) -> str:
        return (
            f", from buckets {format_float(self.low)} to {format_float(self.high)}, "
            f"with a max diff of {format_float(self.difference, 'g', 2)}, over {self.samples} samples "
            f"from {_clock(self.start)} to {_clock(self.end)}"
        )


def _clock(ms: int) -> str:
    seconds = int(ms / 1000)
    return f"{np.datetime64(seconds, 's')}Z"


class Annotations:
    """What is to be said about an answer, each text once, in order of appearance.

    A text that is said of several places of the query names the last of them.
    """

    __slots__ = ("_infos", "_monotonicity", "_warnings", "query", "said")

    def __init__(self, query: str) -> None:
        self.query = query
        self._warnings: dict[str, int] = {}  # text -> position
        self._infos: dict[str, int] = {}
        self._monotonicity: dict[str, ForcedMonotonicity] = {}
        self.said = 0  # how often anything was said, repetitions included

    @property
    def warnings(self) -> list[str]:
        return [self._shown("warning", text, position) for text, position in self._warnings.items()]

    @property
    def infos(self) -> list[str]:
        out = []
        for text, position in self._infos.items():
            forced = self._monotonicity.get(text)
            out.append(self._shown("info", text if forced is None else f"{text}{forced}", position))
        return out

    def _shown(self, kind: str, text: str, position: int) -> str:
        return f"PromQL {kind}: {text} ({line_and_column(self.query, position)})"

    def warn(self, text: str, position: int) -> None:
        self.said += 1
        self._warnings[text] = position

    def info(self, text: str, position: int) -> None:
        self.said += 1
        self._infos[text] = position

    def forced_monotonicity(self, metric: str, position: int, found: ForcedMonotonicity) -> None:
        """Buckets that had to be made monotonic: what is said of one metric at one place becomes one sentence."""
        text = _FORCED_MONOTONICITY + _for_metric(metric)
        known = self._monotonicity.get(text)
        if known is not None and self._infos[text] == position:
            found = known.with_(found)
        self._monotonicity[text] = found
        self.info(text, position)


def shown(texts: list[str], kind: str, limit: int = MOST_SHOWN) -> list[str]:
    """At most `limit` texts, then how many were left out; `kind` is ``warning`` or ``info``."""
    if len(texts) <= limit:
        return texts
    return [*texts[:limit], f"{len(texts) - limit} more {kind} annotations omitted"]


def _for_metric(name: str) -> str:
    return f" for metric name {quote(name)}" if name else ""


def invalid_quantile(value: float) -> str:
    return f"quantile value should be between 0 and 1, got {format_float(value)}"


def invalid_ratio(value: float, capped: float) -> str:
    return f"ratio value should be between -1 and 1, got {format_float(value)}, capping to {format_float(capped)}"


def bad_bucket_label(value: str, metric: str) -> str:
    return f'bucket label "le" is missing or has a malformed value of {quote(value)}{_for_metric(metric)}'


def mixed_floats_histograms(metric: str) -> str:
    return f"encountered a mix of histograms and floats{_for_metric(metric)}"


def mixed_floats_histograms_aggregation() -> str:
    return "encountered a mix of histograms and floats for aggregation"


def mixed_classic_native(metric: str) -> str:
    return f"vector contains a mix of classic and native histograms{_for_metric(metric)}"


def native_not_counter(metric: str) -> str:
    return f"this native histogram metric is not a counter: {quote(metric)}"


def native_not_gauge(metric: str) -> str:
    return f"this native histogram metric is not a gauge: {quote(metric)}"


def mixed_exponential_custom(metric: str) -> str:
    return (
        "vector contains a mix of histograms with exponential and custom buckets schemas"
        f"{_for_metric(metric)}"
    )


def possible_non_counter(metric: str) -> str:
    return f"metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {quote(metric)}"


def possible_non_counter_type(metric: str, kind: str) -> str:
    return (
        'metric might not be a counter, __type__ label is not set to "counter" or "histogram", got '
        f"{quote(kind)}: {quote(metric)}"
    )


def nan_observations_quantile(metric: str, nan_result: bool) -> str:
    what = "result is NaN" if nan_result else "result is skewed higher"
    return f"input to histogram_quantile has NaN observations, {what}{_for_metric(metric)}"


def nan_observations_fraction(metric: str) -> str:
    return (
        "input to histogram_fraction has NaN observations, which are excluded from all fractions"
        f"{_for_metric(metric)}"
    )


def ignored_in_aggregation(op: str) -> str:
    return f"ignored histogram in {op} aggregation"


def ignored_in_mixed_range(metric: str) -> str:
    return f"ignored histograms in a range containing both floats and histograms{_for_metric(metric)}"


def incompatible_types(left: str, op: str, right: str) -> str:
    return f"incompatible sample types encountered for binary operator {quote(op)}: {left} {op} {right}"


def incompatible_layout(op: str) -> str:
    return f"incompatible bucket layout encountered for binary operator {op}"


def reconciled_buckets(operation: str) -> str:
    return f"mismatched custom buckets were reconciled during {operation}"


def conflicting_resets(operation: str) -> str:
    return f"conflicting counter resets during histogram {operation}"


def overlapping_starts(metric: str) -> str:
    return f"sample has start time that overlaps with previous sample timestamp for metric {quote(metric)}"


def ineffective_sort() -> str:
    return "sort is ineffective for range queries since results are always ordered by labels"
