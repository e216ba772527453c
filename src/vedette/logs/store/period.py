"""The files of one day: `data` holds blocks, `index` says where they are. Their layout is in FORMAT.md."""

from __future__ import annotations

import os
import shutil
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from vedette.config.log import get_logger
from vedette.kernels import loglines
from vedette.logs.batch import DETECTED_LEVEL, Batch
from vedette.logs.store import block
from vedette.logs.store.stream import STREAM_ID_BYTES
from vedette.model.labels import Labels

log = get_logger("logs.blocks")

PERIOD_NS = 86400 * 10**9
INDEX_MAGIC = b"VDLOGIX1"
_HEADER = struct.Struct("<II")
_BLOCK = struct.Struct(f"<B{STREAM_ID_BYTES}sqqIIQIIIIqq")
_STREAM, _ADD, _DROP = 1, 2, 3
# A label may have a value that does not stand in its line: some line has a backslash or U+FFFD, or there is metadata.
HIDDEN_VALUES = 1


@dataclass(frozen=True, slots=True, eq=False)
class BlockRef:
    """Where a block lies and what it may hold: times `first` to `last`, both inclusive (ns)."""

    period: Period
    stream_id: bytes
    first: int
    last: int
    entries: int
    raw_bytes: int
    offset: int
    filter_bytes: int
    payload_bytes: int
    checksum: int
    flags: int
    wal_position: tuple[int, int]

    def load(self) -> Batch:
        """The lines. Raises `block.DamagedBlock`, `OSError`."""
        payload = self.period.read(self.offset + self.filter_bytes, self.payload_bytes)
        if zlib.crc32(payload) != self.checksum:
            raise block.DamagedBlock(
                f"{self.period.path.name}: block at {self.offset}: checksum does not match"
            )
        return block.decode(payload)

    def may_hold_words(self, words: tuple[bytes, ...]) -> bool:
        """Whether the block may hold every one of `words` as whole words."""
        if not words or not self.filter_bytes:
            return True
        bits = self.period.read(self.offset, self.filter_bytes)
        return len(bits) < self.filter_bytes or all(loglines.may_hold(word, bits) for word in words)


class Period:
    """One day's directory. Writing is for one thread at a time; reading for any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blocks: set[BlockRef] = set()
        self.labels: dict[bytes, Labels] = {}
        path.mkdir(parents=True, exist_ok=True)
        self._data = os.open(path / "data", os.O_RDWR | os.O_CREAT, 0o644)
        self._index = os.open(path / "index", os.O_RDWR | os.O_CREAT, 0o644)
        self._end = os.fstat(self._data).st_size
        self._lock = threading.Lock()
        self._load()

    @staticmethod
    def name_of(time_ns: int) -> str:
        """The directory of the day that holds `time_ns`: days since the epoch."""
        return f"{time_ns // PERIOD_NS:06d}"

    def _load(self) -> None:
        data = os.pread(self._index, os.fstat(self._index).st_size, 0)
        if not data:
            os.write(self._index, INDEX_MAGIC)
            return
        if data[: len(INDEX_MAGIC)] != INDEX_MAGIC:
            raise block.DamagedBlock(f"{self.path / 'index'} is no index of this program")
        found: dict[int, BlockRef] = {}
        at = len(INDEX_MAGIC)
        while at + _HEADER.size <= len(data):
            size, checksum = _HEADER.unpack_from(data, at)
            payload = data[at + _HEADER.size : at + _HEADER.size + size]
            if len(payload) < size or not payload or zlib.crc32(payload) != checksum:
                break
            at += _HEADER.size + size
            if payload[0] == _STREAM:
                pairs = orjson.loads(payload[1 + STREAM_ID_BYTES :])
                self.labels[payload[1 : 1 + STREAM_ID_BYTES]] = Labels((n, v) for n, v in pairs)
            elif payload[0] == _ADD:
                ref = self._ref(payload)
                found[ref.offset] = ref
            elif payload[0] == _DROP:
                found.pop(struct.unpack_from("<Q", payload, 1)[0], None)
        if at < len(data):
            log.warning("an index ends in a torn record, which is cut off", period=self.path.name, at=at)
            os.ftruncate(self._index, at)
        os.lseek(self._index, 0, os.SEEK_END)
        size = self._end
        self.blocks = {
            ref for ref in found.values() if ref.offset + ref.filter_bytes + ref.payload_bytes <= size
        }

    def _ref(self, payload: bytes) -> BlockRef:
        _, stream, first, last, entries, raw, offset, filtered, length, checksum, flags, segment, position = (
            _BLOCK.unpack(payload)
        )
        return BlockRef(
            self,
            stream,
            first,
            last,
            entries,
            raw,
            offset,
            filtered,
            length,
            checksum,
            flags,
            (segment, position),
        )

    def add(
        self, stream_id: bytes, labels: Labels, batches: list[Batch], wal_position: tuple[int, int]
    ) -> list[BlockRef]:
        """Writes `batches` (of one stream, all of this day) as blocks, durably. Raises `OSError`."""
        with self._lock:
            index: list[bytes] = []
            refs: list[BlockRef] = []
            if stream_id not in self.labels:
                index.append(_record(bytes([_STREAM]) + stream_id + orjson.dumps(labels.pairs)))
            for batch in batches:
                words, payload = block.encode(batch)
                offset = self._end
                _write_at(self._data, words + payload, offset)
                self._end += len(words) + len(payload)
                record = _BLOCK.pack(
                    _ADD, stream_id, int(batch.times[0]), int(batch.times[-1]), len(batch), len(batch.buffer),
                    offset, len(words), len(payload), zlib.crc32(payload), _flags(batch), *wal_position,
                )  # fmt: skip
                index.append(_record(record))
                refs.append(self._ref(record))
            # The index must not point at bytes that a power cut could lose.
            os.fdatasync(self._data)
            os.write(self._index, b"".join(index))
            os.fdatasync(self._index)
            self.labels[stream_id] = labels
            self.blocks.update(refs)
            return refs

    def drop(self, refs: list[BlockRef]) -> None:
        """Forgets blocks; their bytes go with the day's directory."""
        with self._lock:
            os.write(
                self._index, b"".join(_record(bytes([_DROP]) + struct.pack("<Q", r.offset)) for r in refs)
            )
            self.blocks.difference_update(refs)

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._data, size, offset)

    def delete(self) -> None:
        """Removes the day. Queries that still read it finish: the open file keeps its bytes."""
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        if self._data >= 0:
            os.close(self._data)
            os.close(self._index)
            self._data = self._index = -1

    def __iter__(self) -> Iterator[BlockRef]:
        return iter(list(self.blocks))

    def disk_bytes(self) -> int:
        return self._end


def _flags(batch: Batch) -> int:
    names = {name for meta in batch.meta_sets for name, _ in meta} - {DETECTED_LEVEL}
    hidden = names or b"\\" in batch.buffer or "\ufffd".encode() in batch.buffer
    return HIDDEN_VALUES if hidden else 0


def _record(payload: bytes) -> bytes:
    return _HEADER.pack(len(payload), zlib.crc32(payload)) + payload


def _write_at(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
