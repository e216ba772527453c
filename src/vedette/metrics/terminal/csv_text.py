"""Comma-separated values: a row for each sample, a column for each label."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from vedette.metrics.terminal.histograms import whole
from vedette.metrics.terminal.labels import LabelSet, all_names
from vedette.metrics.terminal.result import Result
from vedette.model.time import format_rfc3339


def lines_of(result: Result) -> Iterator[str]:
    """Labels, then `timestamp` (RFC 3339, UTC) and `value` as the server wrote it."""
    names = all_names([series.labels for series in result.series])
    rows = (
        [
            *(series.labels.get(name, "") for name in names),
            format_rfc3339(round(sample.seconds * 1000) * 10**6),
            sample.value if sample.histogram is None else whole(sample.histogram),
        ]
        for series in result.series
        for sample in series.samples
    )
    taken = ("timestamp", "value")
    titles = [f"label {name}" if name in taken else name for name in names]
    return _written([*titles, *taken], rows)


def series_lines(sets: Sequence[LabelSet]) -> Iterator[str]:
    names = all_names(sets)
    return _written(names, ([labels.get(name, "") for name in names] for labels in sets))


def value_lines(name: str, values: Iterable[str]) -> Iterator[str]:
    return _written([name], ([value] for value in values))


def _written(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for cells in chain([titles], rows):
        writer.writerow(cells)
        yield buffer.getvalue().removesuffix("\n")
        buffer.seek(0)
        buffer.truncate()
