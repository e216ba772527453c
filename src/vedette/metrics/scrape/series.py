"""A new line of a page to the labels of its series."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.config.relabel import RelabelConfig, run
from vedette.kernels.decimal import parse_float
from vedette.kernels.exposition_lines import TYPES, series_labels
from vedette.model.labels import (
    BUCKET_LABEL,
    QUANTILE_LABEL,
    Labels,
    is_legacy_label_name,
    is_legacy_metric_name,
    quote,
)

EXPORTED = "exported_"
_HISTOGRAM, _SUMMARY = TYPES.index("histogram"), TYPES.index("summary")


class SeriesFault(Exception):
    """A series for which the whole page is refused. `limit`: because of a label limit."""

    def __init__(self, message: str, *, limit: bool = False) -> None:
        super().__init__(message)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class SeriesRules:
    """What a job does to the labels of a target's series. Limits are 0 when there is none; lengths are in bytes."""

    target: Labels
    honor_labels: bool = False
    relabel: tuple[RelabelConfig, ...] = ()
    legacy_names: bool = False
    label_limit: int = 0
    label_name_length_limit: int = 0
    label_value_length_limit: int = 0


def series_of(line: bytes, syntax: int, metric_type: int, rules: SeriesRules) -> Labels | None:
    """The labels under which a line is stored; None when relabelling drops it. Raises `SeriesFault`."""
    pairs = series_labels(line, syntax)
    scraped = dict(pairs)
    if len(scraped) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise SeriesFault(f"label name {quote(double)} is not unique: invalid sample")
    if metric_type == _HISTOGRAM:
        _normalize(scraped, BUCKET_LABEL)
    elif metric_type == _SUMMARY:
        _normalize(scraped, QUANTILE_LABEL)
    work = merged(scraped, rules.target, honor=rules.honor_labels)
    if rules.relabel and not run(work, rules.relabel):
        return None
    labels = Labels(work)
    if not labels:
        return None
    _check(labels, rules)
    return labels


def merged(scraped: dict[str, str], target: Labels, *, honor: bool) -> dict[str, str]:
    """Scraped labels together with the target's.

    With `honor` a scraped label wins, and an empty one takes the target's label away. Without, the target's wins and the
    scraped one is renamed ``exported_<name>``, with as many prefixes as it takes to be free.
    """
    if honor:
        return {**dict(target.pairs), **scraped}
    work = {**scraped, **dict(target.pairs)}
    clashing = [name for name, _ in target if scraped.get(name)]
    for name in sorted(clashing, key=len):
        renamed = EXPORTED + name
        while work.get(renamed):
            renamed = EXPORTED + renamed
        work[renamed] = scraped[name]
    return work


def _check(labels: Labels, rules: SeriesRules) -> None:
    name = labels.name
    if not name:
        raise SeriesFault("missing metric name (__name__ label)")
    if rules.legacy_names:
        if not is_legacy_metric_name(name) or not all(is_legacy_label_name(n) for n, _ in labels):
            raise SeriesFault(f"invalid metric name or label names: {labels}")
    elif labels.pairs[0][0] == "":  # they are sorted
        raise SeriesFault(f"invalid metric name or label names: {labels}")
    if rules.label_limit and len(labels) > rules.label_limit:
        raise SeriesFault(
            f"label_limit exceeded (metric: {name[:50]}, number of labels: {len(labels)}, "
            f"limit: {rules.label_limit})",
            limit=True,
        )
    if not rules.label_name_length_limit and not rules.label_value_length_limit:
        return
    for key, value in labels:
        length = len(key.encode())
        if rules.label_name_length_limit and length > rules.label_name_length_limit:
            raise SeriesFault(
                f"label_name_length_limit exceeded (metric: {name[:50]}, label name: {key[:50]}, "
                f"length: {length}, limit: {rules.label_name_length_limit})",
                limit=True,
            )
        length = len(value.encode())
        if rules.label_value_length_limit and length > rules.label_value_length_limit:
            raise SeriesFault(
                f"label_value_length_limit exceeded (metric: {name[:50]}, label name: {key[:50]}, "
                f"value: {quote(value[:50])}, length: {length}, limit: {rules.label_value_length_limit})",
                limit=True,
            )


def _normalize(labels: dict[str, str], name: str) -> None:
    text = labels.get(name)
    if text:
        try:
            labels[name] = openmetrics_float(parse_float(text.encode()))
        except (ValueError, OverflowError):
            return


def openmetrics_float(value: float) -> str:
    """A boundary as OpenMetrics writes it, so that ``1`` and ``1.0`` are one series: Go's ``%g``, with a point."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, part = mantissa.lstrip("-").partition(".")
    digits = whole + part
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    if not digits:
        return f"{sign}0.0"
    # Go writes an exponent below -4 and from 6 on; `point` counts digits before the point.
    if point - 1 < -4 or point - 1 >= 6:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        power = point - 1
        return f"{sign}{digits[0]}{rest}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}.0"
    return f"{sign}{digits[:point]}.{digits[point:]}"
