"""A store in plain columns, for scripts and tests: the read side of `vedette.metrics.contract`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from vedette.algebra.table import LabelTable, Symbols
from vedette.metrics.contract import Appender, SampleBatch
from vedette.model.histogram import FloatHistogram, Hint, detect_reset
from vedette.model.labels import Labels, Matcher


class Series:
    __slots__ = ("starts", "times", "values")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.values: list[Any] = []  # float or FloatHistogram
        self.starts: dict[int, int] = {}  # sample time -> start timestamp


def _hinted(values: list[Any], inside: slice) -> list[Any]:
    """Histograms know whether a counter reset lies before them, as a store's chunks tell."""
    out = values[inside]
    for i in range(inside.start, inside.stop):
        value, before = values[i], values[i - 1] if i else None
        if (
            isinstance(value, FloatHistogram)
            and value.hint is Hint.UNKNOWN
            and isinstance(before, FloatHistogram)
        ):
            if before.hint is Hint.GAUGE:
                continue
            hint = Hint.RESET if detect_reset(before, value) else Hint.NOT_RESET
            out[i - inside.start] = value.with_hint(hint)
    return out


class MemorySelection:
    def __init__(self, table: LabelTable, series: list[Series]) -> None:
        self._table = table
        self._series = series

    @property
    def table(self) -> LabelTable:
        return self._table

    def read(self, start: int, stop: int, mint: int, maxt: int) -> SampleBatch:
        offsets, times, values, starts = [0], [], [], []
        for series in self._series[start:stop]:
            inside = slice(bisect_left(series.times, mint), bisect_right(series.times, maxt))
            times += series.times[inside]
            values += _hinted(series.values, inside)
            starts += [series.starts.get(time, 0) for time in series.times[inside]]
            offsets.append(len(times))
        histograms = [v if isinstance(v, FloatHistogram) else None for v in values]
        return SampleBatch(
            np.array(offsets, dtype=np.int64),
            np.array(times, dtype=np.int64),
            np.array([0.0 if isinstance(v, FloatHistogram) else v for v in values], dtype=np.float64),
            histograms if any(h is not None for h in histograms) else None,
            np.array(starts, dtype=np.int64) if any(starts) else None,
        )


class MemoryQuerier:
    def __init__(self, store: MemoryStorage, mint: int, maxt: int) -> None:
        self._store = store
        self._mint, self._maxt = mint, maxt

    def select(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> MemorySelection:
        found = [
            (labels, series)
            for labels, series in sorted(self._store.series.items(), key=lambda item: item[0].pairs)
            if all(m.matches_labels(labels) for m in matchers)
            and bisect_left(series.times, mint) < bisect_right(series.times, maxt)
        ]
        table = LabelTable.from_labels(self._store.symbols, [labels for labels, _ in found])
        return MemorySelection(table, [series for _, series in found])

    def estimate(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
        return self.select(matchers, mint, maxt).table.rows

    def label_names(self, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        table = self.select(matchers, self._mint, self._maxt).table
        names = sorted(table.columns)
        return names[:limit] if limit else names

    def label_values(self, name: str, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        table = self.select(matchers, self._mint, self._maxt).table
        values = sorted({table.value(row, name) for row in range(table.rows)} - {""})
        return values[:limit] if limit else values

    def close(self) -> None: ...

    def __enter__(self) -> MemoryQuerier:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class MemoryStorage:
    """Holds what scripts load; `add` keeps samples in time order, the newest of equal times counts."""

    def __init__(self) -> None:
        self._symbols = Symbols()
        self.series: dict[Labels, Series] = {}

    @property
    def symbols(self) -> Symbols:
        return self._symbols

    def add(self, labels: Labels, time: int, value: float | FloatHistogram, start: int = 0) -> None:
        series = self.series.setdefault(labels, Series())
        series.starts.pop(time, None)
        if start:
            series.starts[time] = start
        if not series.times or series.times[-1] < time:
            series.times.append(time)
            series.values.append(value)
            return
        at = bisect_left(series.times, time)
        if series.times[at] == time:
            series.values[at] = value
        else:
            series.times.insert(at, time)
            series.values.insert(at, value)

    def clear(self) -> None:
        self.series.clear()

    def querier(self, mint: int, maxt: int) -> MemoryQuerier:
        return MemoryQuerier(self, mint, maxt)

    def appender(self) -> Appender:
        raise TypeError("a script's store is filled by `add`")
