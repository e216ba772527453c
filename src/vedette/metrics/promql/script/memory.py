"""A store in plain columns, for scripts and tests: the read side of `vedette.metrics.contract`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vedette.algebra.table import LabelTable, Symbols
from vedette.metrics.contract import Appender, SampleBatch
from vedette.model.histogram import FloatHistogram, Hint, detect_reset
from vedette.model.labels import Labels, Matcher


class Series:
    __slots__ = ("_hinted", "starts", "times", "values")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.values: list[Any] = []  # float or FloatHistogram
        self.starts: dict[int, int] = {}  # sample time -> start timestamp
        self._hinted: list[Any] | None = None

    def add(self, time: int, value: float | FloatHistogram) -> None:
        self._hinted = None
        if not self.times or self.times[-1] < time:
            self.times.append(time)
            self.values.append(value)
            return
        at = bisect_left(self.times, time)
        if self.times[at] == time:
            self.values[at] = value
        else:
            self.times.insert(at, time)
            self.values.insert(at, value)

    def hinted(self) -> list[Any]:
        """The values; histograms know that no counter reset lies before them where a store's chunks tell so."""
        if self._hinted is None:
            befores = [None, *self.values[:-1]]
            self._hinted = [_hinted(*pair) for pair in zip(befores, self.values, strict=True)]
        return self._hinted


def _hinted(before: Any, value: Any) -> Any:
    if not isinstance(value, FloatHistogram) or value.hint is Hint.GAUGE:
        return value
    return value.with_hint(Hint.NOT_RESET if _in_one_chunk(before, value) else Hint.UNKNOWN)


def _in_one_chunk(before: Any, value: FloatHistogram) -> bool:
    """A reset or another layout starts a new chunk; whether there was a reset before that, a store does not say."""
    if not isinstance(before, FloatHistogram) or Hint.GAUGE is before.hint or value.hint is Hint.RESET:
        return False
    layouts = [(h.schema, h.zero_threshold, h.bounds) for h in (before, value)]
    return layouts[0] == layouts[1] and not detect_reset(before, value.with_hint(Hint.UNKNOWN))


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
            values += series.hinted()[inside]
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

    def select(
        self,
        matchers: Sequence[Matcher],
        mint: int,
        maxt: int,
        check: Callable[[], None] = lambda: None,
    ) -> MemorySelection:
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
        series.add(time, value)

    def clear(self) -> None:
        self.series.clear()

    def querier(self, mint: int, maxt: int) -> MemoryQuerier:
        return MemoryQuerier(self, mint, maxt)

    def appender(self) -> Appender:
        raise TypeError("a script's store is filled by `add`")
