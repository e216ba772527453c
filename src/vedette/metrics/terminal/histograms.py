"""Native histograms in a line of text."""

from __future__ import annotations

from typing import Any

from vedette.metrics.terminal.numbers import value
from vedette.metrics.terminal.text import shown

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
        f"{_OPEN[rule]}{_general(lower)},{_general(upper)}{_CLOSE[rule]}:{count}"
        for rule, lower, upper, count in histogram.get("buckets") or ()
    )
    return f"Count: {float(histogram['count']):f}, Sum: {float(histogram['sum']):f}, Buckets: [{buckets}]"


def _general(text: str) -> str:
    """A bound with the fewest digits that tell it, and an exponent where Go writes one."""
    number = float(text)
    return (
        text if number in (float("inf"), float("-inf")) else f"{number:.17g}" if abs(number) >= 1e21 else text
    )
