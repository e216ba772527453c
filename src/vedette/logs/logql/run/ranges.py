"""Range aggregations: counting the lines (or their bytes) that pass the stages, by series or by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from vedette.logs.batch import Batch, Meta, Rows
from vedette.logs.filters.contains import union
from vedette.logs.logql.run.columns import ColumnPlan
from vedette.logs.logql.run.entry import ERROR, Entry, RowPipeline, merged_meta
from vedette.logs.logql.run.matrix import Grid, Matrix
from vedette.logs.logql.run.parallel import ahead
from vedette.logs.logql.run.prefilter import Prefilter
from vedette.logs.logql.run.source import Span, Stats, spans
from vedette.logs.logql.run.windows import WindowSums
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import NotSupported, PipelineError
from vedette.logs.push.labels import label_text
from vedette.logs.store.store import LogStore
from vedette.model.labels import Labels

_OPS = {
    # operation: (sums bytes instead of counting, per second)
    "count_over_time": (False, False),
    "rate": (False, True),
    "bytes_over_time": (True, False),
    "bytes_rate": (True, True),
}


def run_range(
    store: LogStore,
    node: n.RangeAggregation,
    grid: Grid,
    stats: Stats,
    check: Callable[[], None],
    grouping: n.Grouping | None = None,
) -> Matrix:
    """The series of a range aggregation, or their sums by `grouping`.

    Raises `NotSupported`, and `PipelineError` when a line is marked as faulty and the query does not look at it.
    """
    if node.unwrap is not None:
        raise NotSupported("unwrap")
    if node.op not in _OPS:
        raise NotSupported(f"the range aggregation `{node.op}`")
    by_bytes, per_second = _OPS[node.op]
    stages = node.query.stages
    counter = _Counter(stages, WindowSums(grid, node.range_ns, node.offset_ns), grouping, by_bytes, stats)
    selection = store.select(node.query.matchers, counter.sums.start, counter.sums.end)
    stats.add(streams=len(selection))

    def count(part: Span) -> None:
        check()
        counter.count(part)

    for _ in ahead(count, list(spans(selection))):
        pass
    return counter.sums.matrix(sums=by_bytes, per_second=per_second)


class _Counter:
    """Feeds the lines of parts into `sums`; several threads may count different parts."""

    def __init__(
        self,
        stages: tuple[n.Stage, ...],
        sums: WindowSums,
        grouping: n.Grouping | None,
        by_bytes: bool,
        stats: Stats,
    ) -> None:
        self.sums = sums
        self._stages = stages
        self._prefilter = Prefilter.of(stages)
        self._pipeline = RowPipeline(stages)
        self._group = grouper(grouping)
        self._by_bytes = by_bytes
        self._stats = stats
        self._only_lines = all(isinstance(stage, n.LineFilter) for stage in stages)
        self._numbers: dict[tuple[str, ...], int] = {}
        # A sum over everything never looks at labels, so it never sees that a line is marked as faulty.
        self._by = None if grouping is None or grouping.without else grouping.names
        self._plan = ColumnPlan.of(stages, self._by or ())
        self._forgives = grouping == n.Grouping(()) or any(
            _looks_at_error(s.condition) for s in stages if isinstance(s, n.LabelFilter)
        )

    def count(self, part: Span) -> None:
        batch = part.load(self.sums.start, self.sums.end, self._prefilter, self._stats)
        if batch is None:
            return
        stream = dict(part.stream.labels)
        known = frozenset(stream) | {name for meta in batch.meta_sets for name, _ in meta}
        if self._only_lines:
            self._count_lines(batch, stream)
            return
        rows = self._prefilter.rows(batch, known)
        if self._by is not None and self._plan.complete:
            rows = self._count_columns(batch, rows, stream, self._by)
        elif self._plan.useful:
            narrowed = self._plan.narrow(batch, rows, stream)
            rows = union((narrowed.rows, narrowed.doubt))
        self._count_entries(batch, rows, stream)

    def _count_lines(self, batch: Batch, stream: Mapping[str, str]) -> None:
        rows = self._prefilter.rows(batch, frozenset())
        self._stats.add(post_filter_lines=len(rows))
        numbers = np.array([self._group_of_meta(stream, meta) for meta in batch.meta_sets], dtype=np.int64)
        sizes = (batch.ends[rows] - batch.starts[rows]).astype(np.float64) if self._by_bytes else None
        self.sums.add(numbers[batch.metas[rows]], batch.times[rows], sizes)

    def _group_of_meta(self, stream: Mapping[str, str], meta: Meta) -> int:
        return self.sums.group(self._group({**stream, **merged_meta(stream, meta)}))

    def _count_columns(
        self, batch: Batch, rows: Rows, stream: Mapping[str, str], by: tuple[str, ...]
    ) -> Rows:
        """Counts the rows that need no closer look and returns those that do."""
        narrowed = self._plan.narrow(batch, rows, stream, faults_matter=not self._forgives)
        if len(narrowed.rows):
            numbers, found = narrowed.groups(by)
            groups = np.array([self._group_of_values(by, values) for values in found], dtype=np.int64)[
                numbers
            ]
            kept = narrowed.rows
            sizes = (batch.ends[kept] - batch.starts[kept]).astype(np.float64) if self._by_bytes else None
            self.sums.add(groups, batch.times[kept], sizes)
            self._stats.add(post_filter_lines=len(kept))
        return narrowed.doubt

    def _group_of_values(self, by: tuple[str, ...], values: tuple[str, ...]) -> int:
        number = self._numbers.get(values)
        if number is None:
            number = self._numbers[values] = self.sums.group(Labels(zip(by, values, strict=True)))
        return number

    def _count_entries(self, batch: Batch, rows: Rows, stream: Mapping[str, str]) -> None:
        groups, times, sizes = [], [], []
        for row in rows.tolist():
            entry = self._pipeline.run(int(batch.times[row]), batch.line(row), stream, batch.meta(row))
            if entry is not None:
                groups.append(self.group_of(entry))
                times.append(entry.time)
                sizes.append(float(len(entry.line)))
        self._stats.add(post_filter_lines=len(groups))
        values = np.array(sizes) if self._by_bytes else None
        self.sums.add(np.array(groups, dtype=np.int64), np.array(times, dtype=np.int64), values)

    def group_of(self, entry: Entry) -> int:
        labels = entry.labels()
        if entry.error and not self._forgives:
            raise PipelineError(entry.error, label_text(Labels(labels)))
        return self.sums.group(self._group(labels))


def grouper(grouping: n.Grouping | None) -> Callable[[Mapping[str, str]], Labels]:
    """The labels of the series or group that an entry with all its labels belongs to."""
    if grouping is None:
        return Labels
    names = frozenset(grouping.names)
    if grouping.without:
        return lambda labels: Labels((k, v) for k, v in labels.items() if k not in names)
    return lambda labels: Labels((name, labels[name]) for name in names if name in labels)


def _looks_at_error(condition: n.Condition) -> bool:
    match condition:
        case n.And(left, right) | n.Or(left, right):
            return _looks_at_error(left) or _looks_at_error(right)
        case n.StringCondition(matcher):
            return matcher.name == ERROR
    return False
