"""Warnings and infos that travel with an answer, in the original's words."""

from __future__ import annotations

from vedette.metrics.promql.errors import line_and_column
from vedette.model.labels import quote
from vedette.model.values import format_value

MOST_SHOWN = 10


class Annotations:
    """What is to be said about an answer, once each, in order of appearance."""

    __slots__ = ("infos", "query", "warnings")

    def __init__(self, query: str) -> None:
        self.query = query
        self.warnings: dict[str, None] = {}
        self.infos: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self.warnings) + len(self.infos)

    def warn(self, text: str, position: int) -> None:
        self.warnings.setdefault(f"PromQL warning: {text} ({line_and_column(self.query, position)})")

    def info(self, text: str, position: int) -> None:
        self.infos.setdefault(f"PromQL info: {text} ({line_and_column(self.query, position)})")


def shown(texts: list[str], kind: str, limit: int = MOST_SHOWN) -> list[str]:
    """At most `limit` texts, then how many were left out; `kind` is ``warning`` or ``info``."""
    if len(texts) <= limit:
        return texts
    return [*texts[:limit], f"{len(texts) - limit} more {kind} annotations omitted"]


def _for_metric(name: str) -> str:
    return f" for metric name {quote(name)}" if name else ""


def invalid_quantile(value: float) -> str:
    return f"quantile value should be between 0 and 1, got {format_value(value)}"


def invalid_ratio(value: float, capped: float) -> str:
    return f"ratio value should be between -1 and 1, got {format_value(value)}, capping to {format_value(capped)}"


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


def forced_monotonicity(metric: str, low: float, high: float, difference: float) -> str:
    return (
        "input to histogram_quantile needed to be fixed for monotonicity (see "
        "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
        f"{_for_metric(metric)}, from buckets {format_value(low)} to {format_value(high)}, "
        f"with a max diff of {difference:.2g}"
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
