"""Following new lines: every push is offered to whoever tails."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence

from vedette.logs.batch import Batch
from vedette.logs.logql.run.entry import Entry, RowPipeline
from vedette.logs.logql.run.prefilter import Prefilter
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.store.store import Pushed

# Lines that wait for a slow reader before new ones are dropped and counted instead.
_QUEUE = 1000
_DROPPED_LISTED = 1000


class Tail:
    """One reader. `take` gives what has come since the last call."""

    def __init__(self, query: n.LogQuery, loop: asyncio.AbstractEventLoop) -> None:
        self.query = query
        self._pipeline = RowPipeline(query.stages)
        self._prefilter = Prefilter.of(query.stages)
        self._loop = loop
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._dropped: list[Entry] = []
        self.arrived = asyncio.Event()

    def offer(self, pushed: Pushed) -> None:
        """Called from the thread of the push."""
        if not all(matcher.matches_labels(pushed.labels) for matcher in self.query.matchers):
            return
        entries = self._matching(pushed)
        if not entries:
            return
        with self._lock:
            for entry in entries:
                if len(self._entries) < _QUEUE:
                    self._entries.append(entry)
                elif len(self._dropped) < _DROPPED_LISTED:
                    self._dropped.append(entry)
        self._loop.call_soon_threadsafe(self.arrived.set)

    def _matching(self, pushed: Pushed) -> list[Entry]:
        batch: Batch = pushed.batch
        stream = dict(pushed.labels)
        known = frozenset(stream) | {name for meta in batch.meta_sets for name, _ in meta}
        out = []
        for row in self._prefilter.rows(batch, known).tolist():
            entry = self._pipeline.run(int(batch.times[row]), batch.line(row), stream, batch.meta(row))
            if entry is not None:
                out.append(entry)
        return out

    def take(self, limit: int) -> tuple[list[Entry], list[Entry]]:
        """At most `limit` entries that came, and all that had to be dropped."""
        with self._lock:
            entries = [self._entries.popleft() for _ in range(min(limit, len(self._entries)))]
            dropped, self._dropped = self._dropped, []
            if not self._entries:
                self.arrived.clear()
        return entries, dropped


class Tails:
    """Who tails at the moment."""

    def __init__(self) -> None:
        self._tails: tuple[Tail, ...] = ()

    def __len__(self) -> int:
        return len(self._tails)

    def add(self, tail: Tail) -> None:
        self._tails = (*self._tails, tail)

    def remove(self, tail: Tail) -> None:
        self._tails = tuple(t for t in self._tails if t is not tail)

    def publish(self, pushed: Sequence[Pushed]) -> None:
        for tail in self._tails:
            for item in pushed:
                tail.offer(item)
