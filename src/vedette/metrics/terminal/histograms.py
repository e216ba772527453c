"""Native histograms in a line of text."""

from __future__ import annotations

from typing import Any

from vedette.metrics.terminal.numbers import value
from vedette.metrics.terminal.text import shown
from vedette.model.values import format_go

_OPEN, _CLOSE = ("(", "[", "(", "["), ("]", ")", ")", "]")


def brief(histogram: dict[str, Any]) -> str:
    """For a cell of a table: how many observations, their mean, between which bounds."""
    count, total = float(histogram["count"]), float(histogram["sum"])
    text = f"count {value(histogram['count'])}"
    if count:
        text += f", mean {value(repr(total / count))}"
    buckets = histogram.get("buckets") or ()
    if buckets:
        text += f", {value(buckets[0][1])} to {value(buckets[-1][2])} in {len(buckets)} buckets"
    return shown(text)


def whole(histogram: dict[str, Any]) -> str:
    """All of it, as promtool prints it."""
    buckets = " ".join(
        f"{_OPEN[rule]}{format_go(float(lower))},{format_go(float(upper))}{_CLOSE[rule]}:{count}"
        for rule, lower, upper, count in histogram.get("buckets") or ()
    )
    return f"Count: {float(histogram['count']):f}, Sum: {float(histogram['sum']):f}, Buckets: [{buckets}]"
