"""Reading a selection: one stream's blocks and head as batches that do not overlap in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vedette.config.log import get_logger
from vedette.logs.batch import Batch, merge
from vedette.logs.logql.run.prefilter import Prefilter
from vedette.logs.store.block import DamagedBlock
from vedette.logs.store.period import HIDDEN_VALUES, BlockRef
from vedette.logs.store.store import Selected
from vedette.logs.store.stream import Stream

log = get_logger("logs.query")


@dataclass(slots=True)
class Stats:
    """What a query touched. Updated under the lock, for several threads work on one query."""

    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    blocks: int = 0
    blocks_skipped: int = 0
    compressed_bytes: int = 0
    decompressed_bytes: int = 0
    decompressed_lines: int = 0
    head_bytes: int = 0
    head_lines: int = 0
    post_filter_lines: int = 0
    streams: int = 0

    def add(self, **amounts: int) -> None:
        with self.lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)

    @property
    def total_bytes(self) -> int:
        return self.decompressed_bytes + self.head_bytes

    @property
    def total_lines(self) -> int:
        return self.decompressed_lines + self.head_lines


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a stream whose sources overlap each other and nothing else. Times are inclusive."""

    stream: Stream
    blocks: tuple[BlockRef, ...]
    head: Batch | None
    first: int
    last: int

    def load(self, start: int, end: int, prefilter: Prefilter, stats: Stats) -> Batch | None:
        """The lines with ``start <= t < end``, sorted and without duplicates; None when none can match."""
        batches = []
        known = frozenset(name for name, _ in self.stream.labels)
        for ref in self.blocks:
            if ref.filter_bytes and not ref.may_hold_words(
                prefilter.words(bool(ref.flags & HIDDEN_VALUES), known)
            ):
                stats.add(blocks=1, blocks_skipped=1)
                continue
            try:
                batch = ref.load()
            except (DamagedBlock, OSError) as error:
                log.error("a damaged block is left out of an answer", error=error)
                continue
            stats.add(
                blocks=1,
                compressed_bytes=ref.payload_bytes,
                decompressed_bytes=len(batch.buffer),
                decompressed_lines=len(batch),
            )
            batches.append(batch)
        if self.head is not None:
            stats.add(head_bytes=len(self.head.buffer), head_lines=len(self.head))
            batches.append(self.head)
        if not batches:
            return None
        # A single block was settled when it was written, a head when it was selected.
        whole = batches[0] if len(batches) == 1 else merge(batches)
        whole = whole.within(start, end)
        return whole if len(whole) else None


def spans(selection: Sequence[Selected]) -> Iterator[Span]:
    """The selection cut into parts that can be read one after the other."""
    for item in selection:
        sources: list[tuple[int, int, BlockRef | Batch]] = [(ref.first, ref.last, ref) for ref in item.blocks]
        if item.head is not None:
            sources.append((int(item.head.times[0]), int(item.head.times[-1]), item.head))
        sources.sort(key=lambda source: source[:2])
        group: list[tuple[int, int, BlockRef | Batch]] = []
        last = 0
        for source in sources:
            if group and source[0] > last:
                yield _span(item.stream, group)
                group = []
            last = max(last, source[1]) if group else source[1]
            group.append(source)
        if group:
            yield _span(item.stream, group)


def _span(stream: Stream, group: Sequence[tuple[int, int, BlockRef | Batch]]) -> Span:
    blocks = tuple(source for *_, source in group if isinstance(source, BlockRef))
    head = next((source for *_, source in group if isinstance(source, Batch)), None)
    return Span(stream, blocks, head, min(s[0] for s in group), max(s[1] for s in group))
