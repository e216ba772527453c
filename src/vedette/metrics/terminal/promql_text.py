"""promtool's own text: what scripts written for it read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from vedette.metrics.terminal.histograms import whole
from vedette.metrics.terminal.labels import metric
from vedette.metrics.terminal.result import Result, Sample


def lines_of(result: Result) -> Iterator[str]:
    match result.kind:
        case "vector":
            for series in result.series:
                (sample,) = series.samples
                yield f"{metric(series.labels)} => {_value(sample)} {_at(sample)}"
        case "matrix":
            for series in sorted(result.series, key=lambda one: sorted(one.labels.items())):
                yield f"{metric(series.labels)} =>"
                for sample in series.samples:
                    yield f"{_value(sample)} {_at(sample)}"
        case "scalar":
            (sample,) = result.series[0].samples
            yield f"scalar: {_value(sample)} {_at(sample)}"
        case _:
            yield result.series[0].samples[0].value


def _value(sample: Sample) -> str:
    return sample.value if sample.histogram is None else whole(sample.histogram)


def _at(sample: Sample) -> str:
    """The time in seconds, without an exponent and without zeros at the end."""
    text = f"{Decimal(str(sample.seconds)):f}"
    return f"@[{text.rstrip('0').rstrip('.') if '.' in text else text}]"
