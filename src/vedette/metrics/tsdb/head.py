"""The head: what came in since the last block, in memory, behind the write-ahead log.

Lock order: `write_lock` (one commit, truncation or deletion at a time), then `state_lock` (series, postings, published
samples; held briefly). Readers take `state_lock` to choose rows and how many samples of each they may see, and read
without any lock.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import Symbols
from vedette.kernels.tsdb_head import HeadStore
from vedette.kernels.tsdb_wal import encode_samples, encode_series
from vedette.metrics.contract import AppendStatus, StorageError
from vedette.metrics.tsdb.postings import Postings
from vedette.metrics.tsdb.wal import Wal
from vedette.model.labels import Labels
from vedette.model.time import MAX_TIME, MIN_TIME

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Uint32s = npt.NDArray[np.uint32]
Float64s = npt.NDArray[np.float64]


class Snapshot:
    """How many samples of each row may be seen. Shared by the queriers that were made between two commits.

    `counts` stays None until a commit is about to change the counts: then it holds those from before. Rows and chunks
    taken out of the head are reused only after every older snapshot is gone.
    """

    __slots__ = ("__weakref__", "counts", "epoch")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.counts: Uint32s | None = None


@dataclass(slots=True)
class HeadCounters:
    """Events since start, for self-metrics."""

    appended: int = 0
    out_of_order: int = 0
    out_of_bounds: int = 0
    duplicates: int = 0
    series_created: int = 0
    series_removed: int = 0
    write_failures: int = 0


@dataclass(slots=True)
class _Limbo:
    epoch: int
    cuts: Int64s
    rows: Int64s


@dataclass(slots=True)
class Deletions:
    """Deleted time ranges by row, both ends inclusive."""

    by_row: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, row: int, mint: int, maxt: int) -> None:
        self.by_row.setdefault(row, []).append((mint, maxt))


class Head:
    def __init__(self, symbols: Symbols, chunk_range: int) -> None:
        self.names = Symbols()
        self.symbols = symbols
        self.chunk_range = chunk_range
        self.store = HeadStore(chunk_range)
        self.postings = Postings(self.names, symbols)
        self.deletions = Deletions()
        self.counters = HeadCounters()
        self.write_lock = threading.RLock()
        self.state_lock = threading.RLock()
        # Older samples belong to blocks and are refused.
        self.min_valid = MIN_TIME
        # Chunks that end earlier have left the head, though readers made before may still hold them.
        self.floor = MIN_TIME
        self.wal: Wal | None = None
        # Series ids that left the head -> the last segment that may still name them.
        self.gone_ids: dict[int, int] = {}
        self.active_appenders = 0
        self._next_id = 1
        self._owners = itertools.count(1)
        self._unlogged: list[int] = []
        self._epoch = 0
        self._snapshot: weakref.ref[Snapshot] | None = None
        self._snapshots: weakref.WeakSet[Snapshot] = weakref.WeakSet()
        self._limbo: list[_Limbo] = []
        # Further ids of a row, from logs that hold one label set several times.
        self._aliases: dict[int, list[int]] = {}

    # ---- bounds ----

    @property
    def min_time(self) -> int:
        """Time of the oldest sample, `MAX_TIME` when empty."""
        return self.store.bounds[0]

    @property
    def max_time(self) -> int:
        """Time of the newest sample, `MIN_TIME` when empty."""
        return self.store.bounds[1]

    def appendable_from(self) -> int:
        """Samples before this are refused: half a block behind the newest sample, and never behind a block."""
        newest = self.max_time
        if newest == MIN_TIME:
            return self.min_valid
        return max(self.min_valid, newest - self.chunk_range // 2)

    # ---- series ----

    def pairs_of(self, labels: Labels) -> Int32s:
        names, values = self.names.intern, self.symbols.intern
        flat: list[int] = []
        for name, value in labels.pairs:
            flat.append(names(name))
            flat.append(values(value))
        return np.array(flat, dtype=np.int32)

    def series(self, labels: Labels) -> int:
        """The id of a series, which is created when new."""
        pairs = self.pairs_of(labels)
        with self.state_lock:
            row = self.store.find(pairs)
            if row < 0:
                row = self._create(pairs, self._next_id)
                self._unlogged.append(row)
            return self.store.id_of(row)

    def _create(self, pairs: Int32s, ref: int) -> int:
        row = self.store.create(pairs, ref)
        self._next_id = max(self._next_id, ref + 1)
        self.counters.series_created += 1
        return row

    def reserve_ids(self, highest: int) -> None:
        """New series get ids above `highest`."""
        self._next_id = max(self._next_id, highest + 1)

    def restore(self, series: list[tuple[int, tuple[tuple[str, str], ...]]]) -> None:
        """Enters series read from a log under their ids. One label set may come under several ids."""
        fresh: list[int] = []
        with self.state_lock:
            for ref, labels in series:
                self._next_id = max(self._next_id, ref + 1)
                pairs = self.pairs_of(Labels(labels))
                row = self.store.find(pairs)
                if row < 0:
                    fresh.append(self._create(pairs, ref))
                elif self.store.row(ref) != row:
                    self.store.alias(ref, row)
                    self._aliases.setdefault(row, []).append(ref)
            self._index(np.array(fresh, dtype=np.int64))

    def _index(self, rows: Int64s) -> None:
        offsets, pairs = self.store.pairs(rows)
        self.postings.add(rows, offsets, pairs)

    # ---- samples ----

    def new_owner(self) -> int:
        """A number for the pending samples of one batch."""
        return next(self._owners) & 0xFFFFFFFF or next(self._owners) & 0xFFFFFFFF

    def commit(self, refs: Int64s, ts: Int64s, values: Float64s) -> None:
        """Logs, then publishes. Raises `StorageError` when the log can't be written; then nothing has changed."""
        with self.write_lock:
            if self.wal is None:
                raise StorageError("the metrics store is closed")
            with self.state_lock:
                fresh = np.array(self._unlogged, dtype=np.int64)
                offsets, pairs = self.store.pairs(fresh)
                ids = np.array([self.store.id_of(row) for row in self._unlogged], dtype=np.int64)
            records: list[bytes] = []
            if len(fresh):
                records.append(encode_series(ids, offsets, pairs, self.names.strings, self.symbols.strings))
            if len(refs):
                records.append(encode_samples(refs, ts, values))
            if records:
                try:
                    self.wal.log(records)
                except StorageError:
                    self.counters.write_failures += 1
                    raise
            with self.state_lock:
                del self._unlogged[: len(fresh)]
                self.postings.add(fresh, offsets, pairs)
                self.publish(refs, ts, values)

    def publish(self, refs: Int64s, ts: Int64s, values: Float64s) -> Int64s:
        """Appends logged samples; counts and leaves out those that can't be. Returns counts by `AppendStatus`."""
        tally = np.zeros(8, dtype=np.int64)
        with self.state_lock:
            self._keep_counts()
            try:
                self.store.apply(refs, ts, values, self.min_valid, tally)
            except MemoryError as error:
                raise StorageError(f"{error}: out of memory") from error
        self.counters.appended += int(tally[AppendStatus.OK])
        self.counters.out_of_order += int(tally[AppendStatus.OUT_OF_ORDER])
        self.counters.out_of_bounds += int(tally[AppendStatus.OUT_OF_BOUNDS])
        self.counters.duplicates += int(tally[AppendStatus.DUPLICATE])
        return tally

    # ---- views ----

    def snapshot(self) -> Snapshot:
        with self.state_lock:
            current = self._snapshot() if self._snapshot is not None else None
            if current is None:
                current = Snapshot(self._epoch)
                self._snapshot = weakref.ref(current)
                self._snapshots.add(current)
            return current

    def _keep_counts(self) -> None:
        """Before counts change: hands the old ones to the snapshot that relies on them, if somebody still holds it."""
        current = self._snapshot() if self._snapshot is not None else None
        if current is not None:
            current.counts = self.store.all_limits()
        self._snapshot = None
        self._epoch += 1

    def limits(self, snapshot: Snapshot, rows: Int64s) -> Uint32s:
        """Sample counts of `rows` that `snapshot` may see. Call with the state lock held."""
        if snapshot.counts is None:
            return self.store.limits(rows)
        known = rows < len(snapshot.counts)
        limits = np.zeros(len(rows), dtype=np.uint32)
        limits[known] = snapshot.counts[rows[known]]
        return limits

    # ---- taking out ----

    def truncate(self, mint: int, last_segment: int) -> int:
        """Removes chunks that end before `mint` and series left without any. Returns how many series went."""
        with self.write_lock, self.state_lock:
            self._keep_counts()
            self.min_valid = max(self.min_valid, mint)
            unlogged = set(self._unlogged)
            cuts, empty = self.store.truncate(mint)
            self.floor = max(self.floor, mint)
            # Series that wait for their first commit have no sample yet.
            if unlogged:
                empty = np.array([row for row in empty.tolist() if row not in unlogged], dtype=np.int64)
            offsets, pairs = self.store.pairs(empty)
            self.postings.remove(empty, offsets, pairs)
            for row in empty.tolist():
                self.gone_ids[self.store.id_of(row)] = last_segment
                for ref in self._aliases.pop(row, ()):
                    self.store.unalias(ref)
                    self.gone_ids[ref] = last_segment
                self.deletions.by_row.pop(row, None)
            self.store.drop(empty)
            self._limbo.append(_Limbo(self._epoch, cuts, empty))
            self.counters.series_removed += len(empty)
            self._forget_deletions(mint)
            self.reclaim()
            return len(empty)

    def _forget_deletions(self, mint: int) -> None:
        for row, ranges in list(self.deletions.by_row.items()):
            kept = [r for r in ranges if r[1] >= mint]
            if kept:
                self.deletions.by_row[row] = kept
            else:
                del self.deletions.by_row[row]

    def reclaim(self) -> None:
        """Reuses what was taken out and no reader can hold any more."""
        with self.state_lock:
            oldest = min((s.epoch for s in self._snapshots), default=MAX_TIME)
            while self._limbo and self._limbo[0].epoch <= oldest:
                gone = self._limbo.pop(0)
                self.store.release(gone.cuts)
                self.store.reuse_rows(gone.rows)
