"""Log queries: the newest (or oldest) lines that pass every stage."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vedette.logs.logql.run.columns import ColumnPlan
from vedette.logs.logql.run.entry import Entry, RowPipeline
from vedette.logs.logql.run.prefilter import Prefilter, union
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
    running: list[tuple[int, int, Entry, Iterator[Entry]]] = []
    tick = 0
    upcoming = 0
    while running or upcoming < len(order):
        while upcoming < len(order) and (
            not running or (-order[upcoming].last if backward else order[upcoming].first) <= running[0][0]
        ):
            check()
            _advance(
                running,
                _part_entries(request, order[upcoming], pipeline, prefilter, plan, stats),
                backward,
                tick,
            )
            upcoming += 1
            tick += 1
        if not running:
            continue
        _, number, entry, rest = heapq.heappop(running)
        yield entry
        _advance(running, rest, backward, number)


def _advance(
    running: list[tuple[int, int, Entry, Iterator[Entry]]],
    entries: Iterator[Entry],
    backward: bool,
    number: int,
) -> None:
    entry = next(entries, None)
    if entry is not None:
        heapq.heappush(running, (-entry.time if backward else entry.time, number, entry, entries))


def _part_entries(
    request: LogRequest,
    part: Span,
    pipeline: RowPipeline,
    prefilter: Prefilter,
    plan: ColumnPlan,
    stats: Stats,
) -> Iterator[Entry]:
    batch = part.load(request.start, request.end, prefilter, stats)
    if batch is None:
        return
    stream = dict(part.stream.labels)
    known = frozenset(stream) | {name for meta in batch.meta_sets for name, _ in meta}
    rows = prefilter.rows(batch, known)
    if plan.useful and len(rows):
        narrowed = plan.narrow(batch, rows, stream)
        rows = union((narrowed.rows, narrowed.doubt))
    numbers = rows.tolist()
    for row in reversed(numbers) if request.backward else numbers:
        entry = pipeline.run(int(batch.times[row]), batch.line(row), stream, batch.meta(row))
        if entry is not None:
            stats.add(post_filter_lines=1)
            yield entry
