"""Log queries: the newest (or oldest) lines that pass every stage."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from vedette.logs.batch import Batch, Rows
from vedette.logs.filters.contains import union
from vedette.logs.logql.run.columns import ColumnPlan
from vedette.logs.logql.run.entry import Entry, RowPipeline
from vedette.logs.logql.run.parallel import ahead
from vedette.logs.logql.run.prefilter import Prefilter
from vedette.logs.logql.run.source import Span, Stats, spans
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.store.store import LogStore


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Lines with ``start <= t < end`` (ns), at most `limit`; `interval` (ns) thins them out."""

    query: n.LogQuery
    start: int
    end: int
    limit: int
    backward: bool = True
    interval: int = 0


def run_log_query(
    store: LogStore, request: LogRequest, stats: Stats, check: Callable[[], None]
) -> list[Entry]:
    """The entries, in order of time (newest first when `backward`). `check` is called often and may raise."""
    pipeline = RowPipeline(request.query.stages)
    prefilter = Prefilter.of(request.query.stages)
    plan = ColumnPlan.of(request.query.stages)
    selection = store.select(request.query.matchers, request.start, request.end)
    stats.add(streams=len(selection))
    found = _entries(request, list(spans(selection)), pipeline, prefilter, plan, stats, check)
    return list(_limited(request, found))


def _limited(request: LogRequest, entries: Iterable[Entry]) -> Iterator[Entry]:
    previous: int | None = None
    count = 0
    for entry in entries:
        if request.interval and previous is not None and abs(entry.time - previous) < request.interval:
            continue
        if count == request.limit:
            return
        previous, count = entry.time, count + 1
        yield entry


def _entries(
    request: LogRequest,
    parts: Sequence[Span],
    pipeline: RowPipeline,
    prefilter: Prefilter,
    plan: ColumnPlan,
    stats: Stats,
    check: Callable[[], None],
) -> Iterator[Entry]:
    """All matching entries in order: a merge in which a part is read only when its time has come."""
    backward = request.backward
    order = sorted(parts, key=lambda part: -part.last if backward else part.first)

    def candidates(part: Span) -> _Candidates | None:
        check()
        return _candidates(request, part, prefilter, plan, stats)

    with closing(ahead(candidates, order)) as read:
        running: _Running = []
        for number, part in enumerate(order):
            begins = -part.last if backward else part.first
            while running and running[0][0] < begins:
                yield _pop(running, backward)
            found = next(read)
            if found is not None:
                _advance(running, _part_entries(found, pipeline, backward, stats), backward, number)
        while running:
            yield _pop(running, backward)


_Running = list[tuple[int, int, Entry, Iterator[Entry]]]


def _pop(running: _Running, backward: bool) -> Entry:
    _, number, entry, rest = heapq.heappop(running)
    _advance(running, rest, backward, number)
    return entry


def _advance(running: _Running, entries: Iterator[Entry], backward: bool, number: int) -> None:
    entry = next(entries, None)
    if entry is not None:
        heapq.heappush(running, (-entry.time if backward else entry.time, number, entry, entries))


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The rows of a part that may be in the answer; all that are come from `RowPipeline`."""

    batch: Batch
    rows: Rows
    stream: dict[str, str]


def _candidates(
    request: LogRequest, part: Span, prefilter: Prefilter, plan: ColumnPlan, stats: Stats
) -> _Candidates | None:
    batch = part.load(request.start, request.end, prefilter, stats)
    if batch is None:
        return None
    stream = dict(part.stream.labels)
    known = frozenset(stream) | {name for meta in batch.meta_sets for name, _ in meta}
    rows = prefilter.rows(batch, known)
    if plan.useful and len(rows):
        narrowed = plan.narrow(batch, rows, stream)
        rows = union((narrowed.rows, narrowed.doubt))
    return _Candidates(batch, rows, stream) if len(rows) else None


def _part_entries(found: _Candidates, pipeline: RowPipeline, backward: bool, stats: Stats) -> Iterator[Entry]:
    batch, numbers = found.batch, found.rows.tolist()
    for row in reversed(numbers) if backward else numbers:
        entry = pipeline.run(int(batch.times[row]), batch.line(row), found.stream, batch.meta(row))
        if entry is not None:
            stats.add(post_filter_lines=1)
            yield entry
