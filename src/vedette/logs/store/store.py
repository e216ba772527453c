"""The log store: append, select, and the upkeep that turns heads into blocks and old days into nothing.

Promises:
* `append` returns only when the lines are in the write-ahead log; they can be selected from then on.
* `select` gives every stream that matches, with its blocks and its head; times are ``start <= t < end``.
* Nothing acknowledged is lost when the process is killed at any moment. A line may be in a block and in the log for a
  moment; it is still given once, because equal entries of a stream count as one.
* All methods may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vedette.config.log import get_logger
from vedette.logs.batch import Batch, merge
from vedette.logs.store import block
from vedette.logs.store.index import StreamIndex
from vedette.logs.store.period import PERIOD_NS, BlockRef, Period
from vedette.logs.store.stream import Stream
from vedette.logs.store.wal import WriteAheadLog
from vedette.model.labels import Labels, Matcher

log = get_logger("logs.store")


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """`idle_s`, `max_age_s`: when a head is sealed although it is small. `wal_bytes`: when the oldest heads are sealed
    so that the log can shrink. Half of `max_age_s` is how far behind its stream's newest a line may be."""

    blocks: Path
    wal: Path
    idle_s: float = 1800.0
    max_age_s: float = 7200.0
    wal_bytes: int = 256 << 20
    head_bytes: int = block.TARGET_BYTES

    @property
    def window_ns(self) -> int:
        return int(self.max_age_s * 1e9) // 2


@dataclass(frozen=True, slots=True)
class Pushed:
    """Lines of one stream to append, in the order they were sent."""

    labels: Labels
    batch: Batch


@dataclass(frozen=True, slots=True)
class TooFarBehind:
    """Entries of one stream that were refused: their rows, and the oldest time that would have been accepted."""

    pushed: Pushed
    rows: npt.NDArray[np.int64]
    oldest_acceptable: int


@dataclass(frozen=True, slots=True)
class Selected:
    """One stream's share of a selection. `head` is sorted; `blocks` are in no order and may overlap."""

    stream: Stream
    blocks: tuple[BlockRef, ...]
    head: Batch | None


class LogStore:
    def __init__(self, options: StoreOptions) -> None:
        self.options = options
        self._lock = threading.RLock()
        self._sealing = threading.Lock()
        self._index = StreamIndex()
        self._blocks: dict[int, list[BlockRef]] = {}
        self._periods: dict[str, Period] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._wal: WriteAheadLog | None = None

    # ---- lifetime ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Reads the index of every day, then the write-ahead log."""
        started = time.monotonic()
        blocks = self.options.blocks
        blocks.mkdir(parents=True, exist_ok=True)
        for path in sorted(blocks.iterdir()):
            if path.is_dir() and path.name.lstrip("-").isdigit():
                self._adopt(Period(path))
        self._wal = WriteAheadLog(self.options.wal)
        replayed = self._replay(self._wal)
        log.info(
            "log store opened",
            streams=len(self._index),
            blocks=sum(map(len, self._blocks.values())),
            replayed_lines=replayed,
            seconds=round(time.monotonic() - started, 3),
        )
        self._thread = threading.Thread(target=self._keep_up, name="logs-upkeep", daemon=True)
        self._thread.start()

    def _adopt(self, period: Period) -> None:
        self._periods[period.path.name] = period
        for ref in period:
            labels = period.labels.get(ref.stream_id)
            if labels is None:
                log.error(
                    "a block of an unknown stream is passed over", period=period.path.name, at=ref.offset
                )
                continue
            stream = self._index.add(labels)
            self._blocks.setdefault(stream.number, []).append(ref)
            stream.newest = max(stream.newest, ref.last)
            stream.sealed_at = max(stream.sealed_at, ref.wal_position)

    def _replay(self, wal: WriteAheadLog) -> int:
        count, now = 0, time.monotonic()
        for item in wal.replay():
            stream = self._index.add(item.labels)
            if item.position > stream.sealed_at:
                stream.append(item.batch, now, item.position[0])
                count += len(item.batch)
        return count

    def close(self) -> None:
        """Stops the upkeep. Heads stay in the write-ahead log."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._sealing, self._lock:
            if self._wal is not None:
                self._wal.close()
                self._wal = None
            for period in self._periods.values():
                period.close()

    # ---- appending -----------------------------------------------------------------------------------------------

    def append(self, pushed: Sequence[Pushed]) -> list[TooFarBehind]:
        """Keeps the lines and returns those that were too far behind their stream. Raises `OSError`."""
        refused: list[TooFarBehind] = []
        now = time.monotonic()
        with self._lock:
            assert self._wal is not None, "the store is not open"
            accepted: list[tuple[Stream, Batch]] = []
            newest: dict[int, int] = {}
            for item in pushed:
                stream = self._index.add(item.labels)
                batch, behind = self._in_window(item, newest.get(stream.number, stream.newest))
                if behind is not None:
                    refused.append(behind)
                if len(batch):
                    accepted.append((stream, batch))
                    newest[stream.number] = max(
                        newest.get(stream.number, stream.newest), int(batch.times.max())
                    )
            if accepted:
                segment = self._wal.segment
                self._wal.write(accepted)
                for stream, batch in accepted:
                    stream.append(batch, now, segment)
                    if stream.head_bytes >= self.options.head_bytes:
                        self._wake.set()
        return refused

    def _in_window(self, pushed: Pushed, newest: int) -> tuple[Batch, TooFarBehind | None]:
        batch, window = pushed.batch, self.options.window_ns
        if not len(batch):
            return batch, None
        # Each entry is measured against the newest before it, of this push or earlier.
        highest = np.maximum.accumulate(np.maximum(batch.times, newest))
        if newest == -(1 << 63) and len(batch) == 1:
            return batch, None
        behind = batch.times < highest - window
        if not behind.any():
            return batch, None
        rows = np.flatnonzero(behind)
        oldest = int(highest[rows[-1]]) - window
        return batch.take(np.flatnonzero(~behind)), TooFarBehind(pushed, rows, oldest)

    @property
    def stream_count(self) -> int:
        return len(self._index)

    def has_stream(self, labels: Labels) -> bool:
        return self._index.get(labels) is not None

    # ---- selecting -----------------------------------------------------------------------------------------------

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Selected]:
        """The streams that match and have something in ``start <= t < end``."""
        out: list[Selected] = []
        with self._lock:
            for stream in self._index.select(matchers):
                refs = tuple(
                    ref
                    for ref in self._blocks.get(stream.number, ())
                    if ref.first < end and ref.last >= start
                )
                head = stream.head()
                if head is not None:
                    head = head.within(start, end)
                    head = head if len(head) else None
                if refs or head is not None:
                    out.append(Selected(stream, refs, head))
        return out

    # ---- upkeep --------------------------------------------------------------------------------------------------

    def _keep_up(self) -> None:
        while not self._closed:
            self._wake.wait(timeout=5.0)
            self._wake.clear()
            if self._closed:
                return
            try:
                self.seal_due(time.monotonic())
            except OSError as error:
                log.error("sealing failed; lines stay in the write-ahead log", error=error)
                time.sleep(1.0)

    def seal_due(self, now: float) -> int:
        """Seals the heads that are large, idle or old, or keep the write-ahead log long. Returns how many."""
        with self._sealing:
            sealed = 0
            for stream in self._due(now):
                self._seal(stream)
                sealed += 1
            self._shrink_wal()
            return sealed

    def seal_all(self) -> int:
        """Seals every head, as `/flush` asks."""
        with self._sealing:
            with self._lock:
                streams = [s for s in self._index.streams if s.pieces]
            for stream in streams:
                self._seal(stream)
            with self._lock:
                if self._wal is not None:
                    self._wal.rotate()
            self._shrink_wal()
            return len(streams)

    def _due(self, now: float) -> list[Stream]:
        options = self.options
        with self._lock:
            assert self._wal is not None
            oldest_kept = -1
            if self._wal.total_bytes() > options.wal_bytes:
                oldest_kept = self._wal.segment - max(1, options.wal_bytes // (2 * (32 << 20)))
            return [
                s
                for s in self._index.streams
                if s.pieces
                and (
                    s.head_bytes >= options.head_bytes
                    or now - s.last_append >= options.idle_s
                    or now - s.first_append >= options.max_age_s
                    or s.first_segment < oldest_kept
                )
            ]

    def _seal(self, stream: Stream) -> None:
        with self._lock:
            assert self._wal is not None
            pieces = stream.detach()
            position = self._wal.position
        refs: list[BlockRef] = []
        try:
            refs = self._write_blocks(stream, merge(pieces), position)
        finally:
            with self._lock:
                if refs:
                    self._blocks.setdefault(stream.number, []).extend(refs)
                    stream.sealed_at = position
                elif pieces:
                    stream.pieces = [*pieces, *stream.pieces]
                    stream.head_bytes = sum(len(piece.buffer) for piece in stream.pieces)
                    stream.head_entries = sum(map(len, stream.pieces))
                    stream.first_segment = 0
                stream.sealing = []
                stream.forget_settled()

    def _write_blocks(self, stream: Stream, batch: Batch, position: tuple[int, int]) -> list[BlockRef]:
        refs: list[BlockRef] = []
        for name, parts in _split(batch).items():
            period = self._periods.get(name)
            if period is None:
                period = Period(self.options.blocks / name)
                with self._lock:
                    self._periods[name] = period
            refs += period.add(stream.id, stream.labels, parts, position)
        return refs

    def _shrink_wal(self) -> None:
        with self._lock:
            if self._wal is None:
                return
            needed = [s.first_segment for s in self._index.streams if s.pieces and s.first_segment >= 0]
            self._wal.drop_before(min(needed, default=self._wal.segment))

    # ---- retention and figures -----------------------------------------------------------------------------------

    def drop_blocks(self, expired: Sequence[tuple[Stream, BlockRef]]) -> None:
        """Forgets blocks, removes days that have none left and streams that have nothing left."""
        with self._sealing, self._lock:
            by_period: dict[Period, list[BlockRef]] = {}
            for stream, ref in expired:
                by_period.setdefault(ref.period, []).append(ref)
                self._blocks[stream.number].remove(ref)
            for period, refs in by_period.items():
                period.drop(refs)
                if not period.blocks:
                    self._periods.pop(period.path.name, None)
                    period.delete()
            for stream, _ in expired:
                if not self._blocks.get(stream.number) and not stream.pieces and not stream.sealing:
                    self._index.remove(stream)

    def all_blocks(self) -> list[tuple[Stream, BlockRef]]:
        with self._lock:
            streams = self._index.streams
            return [(streams[number], ref) for number, refs in self._blocks.items() for ref in refs]

    def figures(self) -> dict[str, int]:
        """Counts for `/metrics`."""
        with self._lock:
            live = [s for s in self._index.streams if s.pieces or s.sealing]
            return {
                "streams": len(self._index),
                "head_streams": len(live),
                "head_bytes": sum(s.head_bytes for s in live),
                "blocks": sum(map(len, self._blocks.values())),
                "disk_bytes": sum(p.disk_bytes() for p in self._periods.values()),
                "wal_bytes": self._wal.total_bytes() if self._wal is not None else 0,
            }


def _split(batch: Batch) -> dict[str, list[Batch]]:
    """A settled batch as blocks of about the target size, by the day they belong to."""
    out: dict[str, list[Batch]] = {}
    if not len(batch):
        return out
    days = batch.times // PERIOD_NS
    bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(batch)]
    for first, last in pairwise(bounds):
        name = Period.name_of(int(batch.times[first]))
        sizes = np.cumsum(batch.ends[first:last] - batch.starts[first:last] + 1)
        count = max(1, round(int(sizes[-1]) / block.TARGET_BYTES))
        cuts = np.searchsorted(sizes, np.linspace(0, sizes[-1], count + 1)[1:-1])
        edges = sorted({first, last, *(first + int(cut) for cut in cuts)})
        for low, high in pairwise(edges):
            whole = low == 0 and high == len(batch) and len(batch.buffer) == int(sizes[-1])
            out.setdefault(name, []).append(batch if whole else batch.take(np.arange(low, high)))
    return out
