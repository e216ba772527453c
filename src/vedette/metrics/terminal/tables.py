"""Answers for eyes: what all series share stands above, what tells them apart in columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from vedette.metrics.terminal import numbers
from vedette.metrics.terminal.columns import GUTTER, Column, columns_of
from vedette.metrics.terminal.histograms import brief
from vedette.metrics.terminal.labels import LabelSet, common, differing, metric
from vedette.metrics.terminal.result import Result, Sample, Series
from vedette.metrics.terminal.screen import Screen
from vedette.metrics.terminal.spark import sparkline
from vedette.metrics.terminal.text import shown
from vedette.metrics.terminal.times import Span
from vedette.model.labels import METRIC_NAME
from vedette.model.time import format_duration

# A line of this many characters shows what there is to see; it gives way to labels down to the least.
SPARK_MOST, SPARK_LEAST = 60, 6
LABEL, VALUE, DIM, PICTURE = "cyan", "bold", "dim", "green"


def instant_table(result: Result, screen: Screen) -> Iterator[str]:
    """A vector, scalar or string; or the samples of a range vector, each with its time."""
    if result.kind in ("scalar", "string"):
        sample = result.series[0].samples[0]
        yield screen.paint(
            shown(numbers.value(sample.value) if result.kind == "scalar" else sample.value), VALUE
        )
        return
    if not result.series:
        yield screen.paint("no series: the query is valid, and nothing matches it at this time", DIM)
        return
    sets = [series.labels for series in result.series]
    first = result.series[0].samples[0] if result.series[0].samples else None
    if result.kind == "matrix":
        rows = [(series, sample) for series in result.series for sample in series.samples]
        yield _header(sets, f", {_many(len(rows), 'sample')}", screen)
        when = [Column("TIME", [numbers.instant(sample.seconds * 1000) for _, sample in rows], DIM)]
        yield from columns_of([*_labels(sets, rows), *when, _values([s for _, s in rows])], screen)
        return
    at = "" if first is None else f" at {numbers.instant(first.seconds * 1000)}"
    yield _header(sets, at, screen)
    alone = [(series, series.samples[0]) for series in result.series]
    yield from columns_of([*_labels(sets, alone), _values([sample for _, sample in alone])], screen)


def range_table(result: Result, span: Span, screen: Screen) -> Iterator[str]:
    """A line for each series: its shape, its least, mean, greatest and last value."""
    if not result.series:
        yield screen.paint("no series: the query is valid, and nothing matches it in this range", DIM)
        return
    sets = [series.labels for series in result.series]
    steps = (span.end - span.start) // span.step + 1
    what = f", {numbers.span(span.start, span.end)}, {_many(steps, 'step')} of {format_duration(span.step)}"
    yield _header(sets, what, screen)
    figures = [_figures(series.samples) for series in result.series]
    told = [
        Column(title, [one[i] for one in figures], VALUE if title == "LAST" else "", numeric=True)
        for i, title in enumerate(("MIN", "AVG", "MAX", "LAST"))
    ]
    labels = _labels(sets, [(series, None) for series in result.series])
    room = _spark_room([*labels, *told], screen)
    pictures = [_picture(series, span, room, screen) for series in result.series]
    yield from columns_of([*labels, Column("", pictures, PICTURE, raw=True), *told], screen)


def series_table(sets: Sequence[LabelSet], screen: Screen) -> Iterator[str]:
    if not sets:
        yield screen.paint("no series match", DIM)
        return
    yield _header(sets, "", screen)
    yield from columns_of(_labels(sets, [(Series(dict(one), ()), None) for one in sets]), screen)


def _header(sets: Sequence[LabelSet], what: str, screen: Screen) -> str:
    """``3 series of up{job="api"} at 2026-01-31 12:00:00``."""
    shared = metric(common(sets))
    many = f"{numbers.count(len(sets))} series"
    of = f" {screen.paint('of', DIM)} {screen.paint(shown(shared), LABEL)}" if shared != "{}" else ""
    return f"{many}{of}{screen.paint(what, DIM)}"


def _many(number: int, what: str) -> str:
    return f"{numbers.count(number)} {what}{'' if number == 1 else 's'}"


def _labels(sets: Sequence[LabelSet], rows: Sequence[tuple[Series, Sample | None]]) -> list[Column]:
    return [
        Column(
            "METRIC" if name == METRIC_NAME else name,
            [series.labels.get(name, "") for series, _ in rows],
            LABEL,
        )
        for name in differing(sets)
    ]


def _values(samples: Sequence[Sample]) -> Column:
    cells = [numbers.value(one.value) if one.histogram is None else brief(one.histogram) for one in samples]
    return Column("VALUE", cells, VALUE, numeric=True)


def _figures(samples: Sequence[Sample]) -> tuple[str, str, str, str]:
    """Least, mean, greatest and last; of histograms the count. A NaN that was measured is only ever the last."""
    known = [number for sample in samples if not math.isnan(number := sample.number)]
    last = samples[-1] if samples else None
    ends = "" if last is None else numbers.value(repr(last.number) if last.value == "" else last.value)
    if not known:
        return "", "", "", ends
    mean = math.fsum(known) / len(known) if all(map(math.isfinite, known)) else sum(known) / len(known)
    least, average, greatest = (numbers.value(repr(n)) for n in (min(known), mean, max(known)))
    return least, average, greatest, ends


def _spark_room(others: Sequence[Column], screen: Screen) -> int:
    if screen.width is None:
        return SPARK_MOST
    taken = sum(max(map(len, (column.title, *column.cells))) + GUTTER for column in others)
    return max(SPARK_LEAST, min(SPARK_MOST, screen.width - taken))


def _picture(series: Series, span: Span, columns: int, screen: Screen) -> str:
    points = [(sample.seconds * 1000, sample.number) for sample in series.samples]
    steps = (span.end - span.start) // span.step + 1
    return sparkline(points, span.start, span.step, steps, columns, unicode=screen.unicode)
