"""promtool's own text: what scripts written for it read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cmp_to_key

from vedette.metrics.terminal.histograms import whole
from vedette.metrics.terminal.labels import metric
from vedette.metrics.terminal.result import Result, Sample, Series


def lines_of(result: Result) -> Iterator[str]:
    match result.kind:
        case "vector":
            for series in result.series:
                (sample,) = series.samples
                yield f"{metric(series.labels)} => {_value(sample)} {_at(sample)}"
        case "matrix":
            for series in sorted(result.series, key=cmp_to_key(_compare)):
                yield f"{metric(series.labels)} =>"
                for sample in sorted(series.samples, key=lambda one: one.histogram is not None):
                    yield f"{_value(sample)} {_at(sample)}"
        case "scalar":
            (sample,) = result.series[0].samples
            yield f"scalar: {_value(sample)} {_at(sample)}"
        case _:
            yield result.series[0].samples[0].value


def _compare(one: Series, other: Series) -> int:
    """The order of promtool: fewer labels first; then whoever lacks a label; then values."""
    if len(one.labels) != len(other.labels):
        return len(one.labels) - len(other.labels)
    for name in sorted(one.labels.keys() | other.labels.keys()):
        mine, theirs = one.labels.get(name), other.labels.get(name)
        if mine != theirs:
            return -1 if mine is None or (theirs is not None and mine < theirs) else 1
    return 0


def _value(sample: Sample) -> str:
    return _plain(sample.value) if sample.histogram is None else whole(sample.histogram)


def _at(sample: Sample) -> str:
    return f"@[{_plain(str(sample.seconds)).removesuffix('.0')}]"


def _plain(number: str) -> str:
    """Without an exponent."""
    return f"{Decimal(number):f}" if "e" in number else number
