"""Lines as columns: what the store keeps and what queries work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vedette.kernels import loglines

Times = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int32]

# The metadata that the server adds to every entry.
DETECTED_LEVEL = "detected_level"

# Structured metadata of one entry: pairs of name and value, ordered by name.
Meta = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one stream.

    Line `i` is ``buffer[starts[i]:ends[i]]`` and is followed by a line end that is not part of it; its time is
    ``times[i]`` (ns since the epoch) and its metadata ``meta_sets[metas[i]]``. Arrays are never written to after
    construction and may be shared between batches.
    """

    buffer: bytes
    starts: Positions
    ends: Positions
    times: Times
    metas: Positions
    meta_sets: Sequence[Meta]

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(cls, entries: Sequence[tuple[int, bytes, Meta]]) -> Batch:
        """A batch of ``(time, line, metadata)``, in that order."""
        lengths = np.fromiter((len(line) for _, line, _ in entries), dtype=np.int64, count=len(entries))
        sets: dict[Meta, int] = {}
        metas = np.fromiter(
            (sets.setdefault(meta, len(sets)) for *_, meta in entries), dtype=np.int32, count=len(entries)
        )
        starts, ends = positions(lengths)
        buffer = b"".join(line + b"\n" for _, line, _ in entries)
        times = np.fromiter((when for when, *_ in entries), dtype=np.int64, count=len(entries))
        return cls(buffer, starts, ends, times, metas, list(sets))

    def line(self, row: int) -> bytes:
        return self.buffer[self.starts[row] : self.ends[row]]

    def meta(self, row: int) -> Meta:
        return self.meta_sets[int(self.metas[row])]

    def entries(self) -> Iterator[tuple[int, bytes, Meta]]:
        for row, when in enumerate(self.times.tolist()):
            yield when, self.line(row), self.meta(row)

    @property
    def line_bytes(self) -> int:
        """Bytes of the lines alone."""
        return int((self.ends - self.starts).sum())

    def take(self, rows: npt.NDArray[np.integer]) -> Batch:
        """The entries `rows`, in that order, in a buffer of their own."""
        rows32 = np.ascontiguousarray(rows, dtype=np.int32)
        lengths = (self.ends[rows32] - self.starts[rows32]).astype(np.int64)
        out = np.empty(int(lengths.sum()) + len(rows32), dtype=np.uint8)
        starts = np.empty(len(rows32), dtype=np.int32)
        ends = np.empty(len(rows32), dtype=np.int32)
        if len(rows32):
            loglines.gather(self.buffer, self.starts, self.ends, rows32, out, starts, ends)
        return Batch(out.tobytes(), starts, ends, self.times[rows32], self.metas[rows32], self.meta_sets)

    def between(self, first: int, last: int) -> Batch:
        """Entries `first` to `last` (exclusive), sharing the buffer."""
        if first == 0 and last == len(self):
            return self
        cut = slice(first, last)
        return Batch(
            self.buffer, self.starts[cut], self.ends[cut], self.times[cut], self.metas[cut], self.meta_sets
        )

    def within(self, start: int, end: int) -> Batch:
        """The entries with ``start <= time < end`` of a batch that is sorted by time."""
        if not len(self) or (self.times[0] >= start and self.times[-1] < end):
            return self
        first, last = np.searchsorted(self.times, [start, end])
        return self.between(int(first), int(last))

    def settled(self) -> Batch:
        """The same entries in order of time, exact duplicates dropped. Entries of equal time keep their order."""
        batch = self
        if len(batch) < 2:
            return batch
        steps = np.diff(batch.times)
        if (steps < 0).any():
            batch = batch.take(np.argsort(batch.times, kind="stable"))
            steps = np.diff(batch.times)
        if (steps == 0).any():
            keep = np.empty(len(batch), dtype=np.uint8)
            if loglines.mark_duplicates(
                batch.times, batch.buffer, batch.starts, batch.ends, batch.metas, keep
            ):
                batch = batch.take(np.flatnonzero(keep))
        return batch


def positions(lengths: npt.NDArray[np.int64]) -> tuple[Positions, Positions]:
    """Starts and ends of lines of these lengths in one buffer, each followed by a line end."""
    ends = np.cumsum(lengths + 1) - 1
    return (ends - lengths).astype(np.int32), ends.astype(np.int32)


def merge(batches: Sequence[Batch]) -> Batch:
    """All entries of `batches` (of one stream) in order of time, exact duplicates dropped."""
    if len(batches) == 1:
        return batches[0].settled()
    sets: dict[Meta, int] = {}
    metas, starts, ends, offset = [], [], [], 0
    for batch in batches:
        numbers = np.fromiter((sets.setdefault(meta, len(sets)) for meta in batch.meta_sets), dtype=np.int32)
        metas.append(numbers[batch.metas] if len(numbers) else batch.metas)
        starts.append(batch.starts + np.int32(offset))
        ends.append(batch.ends + np.int32(offset))
        offset += len(batch.buffer)
    return Batch(
        b"".join(batch.buffer for batch in batches),
        np.concatenate(starts),
        np.concatenate(ends),
        np.concatenate([batch.times for batch in batches]),
        np.concatenate(metas),
        list(sets),
    ).settled()
