"""The write-ahead log: what was acknowledged and is in no block yet. Its layout is in FORMAT.md.

Writing hands bytes to the operating system before a push is acknowledged: they survive the end of the process.
`sync` also makes them survive the end of the machine's power.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from vedette.config.log import get_logger
from vedette.logs.batch import Batch, Meta, positions
from vedette.logs.store.stream import STREAM_ID_BYTES, Stream
from vedette.model.labels import Labels

log = get_logger("logs.wal")

SEGMENT_BYTES = 32 << 20
_HEADER = struct.Struct("<II")
_ENTRIES = struct.Struct("<BIIII")
_STREAM, _LINES = 1, 2
# No push is larger, so a length beyond this is damage.
_MAX_RECORD = 1 << 30


@dataclass(frozen=True, slots=True)
class Replayed:
    """One batch of the log. `position` is (segment, offset after its record)."""

    labels: Labels
    stream_id: bytes
    batch: Batch
    position: tuple[int, int]


class WriteAheadLog:
    """Appends to numbered segment files. Not thread-safe: the store's lock is held."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        existing = self.segments()
        self.segment = (existing[-1] if existing else 0) + 1
        self._file = -1
        self._size = 0
        self._refs: dict[int, int] = {}
        self._open()

    def segments(self) -> list[int]:
        return sorted(int(path.name) for path in self.directory.iterdir() if path.name.isdigit())

    def _path(self, segment: int) -> Path:
        return self.directory / f"{segment:08d}"

    def _open(self) -> None:
        self._file = os.open(self._path(self.segment), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = 0
        # Each segment names its streams anew, so that old ones can be deleted.
        self._refs = {}

    @property
    def position(self) -> tuple[int, int]:
        """Everything written so far lies before this."""
        return self.segment, self._size

    def write(self, items: list[tuple[Stream, Batch]]) -> None:
        """Appends the batches with one write. Raises `OSError`; nothing counts as written then."""
        out: list[bytes] = []
        fresh: dict[int, int] = {}
        for stream, batch in items:
            ref = self._refs.get(stream.number, fresh.get(stream.number, -1))
            if ref < 0:
                ref = fresh[stream.number] = len(self._refs) + len(fresh)
                payload = (
                    bytes([_STREAM]) + struct.pack("<I", ref) + stream.id + orjson.dumps(stream.labels.pairs)
                )
                out += (_HEADER.pack(len(payload), zlib.crc32(payload)), payload)
            payload = _encode(ref, batch)
            out += (_HEADER.pack(len(payload), zlib.crc32(payload)), payload)
        data = b"".join(out)
        view = memoryview(data)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, view[written:])
        except OSError:
            # A torn record in the middle would hide what follows it at the next start.
            os.ftruncate(self._file, self._size)
            raise
        self._size += written
        self._refs.update(fresh)
        if self._size >= SEGMENT_BYTES:
            self.rotate()

    def rotate(self) -> None:
        self.sync()
        os.close(self._file)
        self.segment += 1
        self._open()

    def sync(self) -> None:
        os.fdatasync(self._file)

    def drop_before(self, segment: int) -> None:
        """Deletes the segments with a smaller number."""
        for number in self.segments():
            if number < min(segment, self.segment):
                self._path(number).unlink(missing_ok=True)

    def total_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.directory.iterdir() if path.name.isdigit())

    def close(self) -> None:
        if self._file >= 0:
            self.sync()
            os.close(self._file)
            self._file = -1

    def replay(self) -> Iterator[Replayed]:
        """Every whole batch of the segments before the current one, in order; a torn end is passed over."""
        for number in self.segments():
            if number < self.segment:
                yield from _replay_segment(self._path(number), number)


def _encode(ref: int, batch: Batch) -> bytes:
    buffer, lengths = batch.buffer, (batch.ends - batch.starts).astype(np.int32)
    used = int(lengths.sum()) + len(lengths)
    if used != len(buffer):
        batch = batch.take(np.arange(len(batch)))
        buffer = batch.buffer
    sets = orjson.dumps(batch.meta_sets)
    head = _ENTRIES.pack(_LINES, ref, len(batch), len(sets), len(buffer))
    return b"".join((head, batch.times.tobytes(), lengths.tobytes(), batch.metas.tobytes(), sets, buffer))


def _decode(payload: bytes) -> tuple[int, Batch]:
    _, ref, count, sets_size, size = _ENTRIES.unpack_from(payload)
    at = _ENTRIES.size
    times = np.frombuffer(payload, dtype="<i8", count=count, offset=at).astype(np.int64)
    at += 8 * count
    lengths = np.frombuffer(payload, dtype="<i4", count=count, offset=at).astype(np.int64)
    at += 4 * count
    metas = np.frombuffer(payload, dtype="<i4", count=count, offset=at).astype(np.int32)
    at += 4 * count
    sets = decode_meta_sets(payload[at : at + sets_size])
    at += sets_size
    if len(payload) != at + size or int(lengths.sum()) + count != size:
        raise ValueError("record of lines whose parts do not add up")
    if count and (int(metas.min()) < 0 or int(metas.max()) >= len(sets) or int(lengths.min()) < 0):
        raise ValueError("record of lines with bad numbers")
    starts, ends = positions(lengths)
    return ref, Batch(payload[at:], starts, ends, times, metas, sets)


def decode_meta_sets(data: bytes) -> list[Meta]:
    return [tuple((name, value) for name, value in pairs) for pairs in orjson.loads(data)]


def _replay_segment(path: Path, number: int) -> Iterator[Replayed]:
    streams: dict[int, tuple[bytes, Labels]] = {}
    data = path.read_bytes()
    at = 0
    while at < len(data):
        if at + _HEADER.size > len(data):
            break
        size, checksum = _HEADER.unpack_from(data, at)
        payload = data[at + _HEADER.size : at + _HEADER.size + size]
        if size > _MAX_RECORD or len(payload) < size or zlib.crc32(payload) != checksum or not payload:
            break
        at += _HEADER.size + size
        try:
            if payload[0] == _STREAM:
                (ref,) = struct.unpack_from("<I", payload, 1)
                labels = Labels((name, value) for name, value in orjson.loads(payload[5 + STREAM_ID_BYTES :]))
                streams[ref] = (payload[5 : 5 + STREAM_ID_BYTES], labels)
            elif payload[0] == _LINES:
                ref, batch = _decode(payload)
                stream, labels = streams[ref]
                yield Replayed(labels, stream, batch, (number, at))
        except (ValueError, KeyError, struct.error) as error:
            log.error(
                "a damaged record of the write-ahead log is passed over", file=path.name, at=at, error=error
            )
    if at < len(data):
        log.warning(
            "the write-ahead log ends in a torn record",
            file=path.name,
            at=at,
            bytes_passed_over=len(data) - at,
        )
