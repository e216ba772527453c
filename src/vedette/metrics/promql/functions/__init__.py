"""The functions of the language, one family a file. Importing the package registers all of them."""

from vedette.metrics.promql.functions import (
    calendar,
    conversion,
    counters,
    histograms,
    labels,
    math,
    native,
    over_time,
    sorting,
    trend,
)

__all__ = [
    "calendar",
    "conversion",
    "counters",
    "histograms",
    "labels",
    "math",
    "native",
    "over_time",
    "sorting",
    "trend",
]
