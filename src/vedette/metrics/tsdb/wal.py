"""The write-ahead log: numbered segments of 32 KiB pages, appended to by one writer. Bytes: FORMAT.md.

`Wal.log` writes its records to the operating system before it returns, so a killed process loses nothing that was
acknowledged; a segment is flushed to the disk when it is full and when the log is closed.
"""

from __future__ import annotations

import mmap
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cramjam
import numpy as np

from vedette.kernels.tsdb_wal import frame, unframe
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.options import WAL_PAGE_BYTES, WAL_SEGMENT_BYTES

# Record types, the first byte of a record.
SERIES = 1
SAMPLES = 2
TOMBSTONES = 3
EXEMPLARS = 4
MMAP_MARKERS = 5
METADATA = 6
HISTOGRAMS = 7
FLOAT_HISTOGRAMS = 8
CUSTOM_HISTOGRAMS = 9
CUSTOM_FLOAT_HISTOGRAMS = 10
RECORD_NAMES = {
    SERIES: "series",
    SAMPLES: "samples",
    TOMBSTONES: "tombstones",
    EXEMPLARS: "exemplars",
    MMAP_MARKERS: "mmap markers",
    METADATA: "metadata",
    HISTOGRAMS: "histogram samples",
    FLOAT_HISTOGRAMS: "float histogram samples",
    CUSTOM_HISTOGRAMS: "custom bucket histogram samples",
    CUSTOM_FLOAT_HISTOGRAMS: "custom bucket float histogram samples",
}

# Bits of a fragment's type byte that say how the record is compressed.
SNAPPY = 8
ZSTD = 16

_SEGMENT = re.compile(r"\d{8,}\Z")
_CHECKPOINT = re.compile(r"checkpoint\.(\d{8,})\Z")


def segment_name(index: int) -> str:
    return f"{index:08d}"


def list_segments(directory: Path) -> list[int]:
    """Numbers of the segment files in a log or checkpoint directory, ascending."""
    try:
        return sorted(int(entry.name) for entry in os.scandir(directory) if _SEGMENT.match(entry.name))
    except FileNotFoundError:
        return []


def list_checkpoints(directory: Path) -> list[tuple[int, Path]]:
    """``(last segment it stands for, path)`` of the checkpoints in a log directory, ascending."""
    try:
        found = [(_CHECKPOINT.match(entry.name), Path(entry.path)) for entry in os.scandir(directory)]
    except FileNotFoundError:
        return []
    return sorted((int(match[1]), path) for match, path in found if match)


@dataclass(frozen=True, slots=True)
class Corruption:
    """Where a log can't be read further. Everything before byte `offset` of `path` is whole."""

    path: Path
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: byte {self.offset}: {self.reason}"


class Wal:
    """Appends records. Not safe across threads: the head's write lock guards it.

    Opening starts a new segment after the last one, as the original does: nothing is ever appended to a file that an
    earlier process wrote.
    """

    def __init__(
        self,
        directory: Path,
        *,
        segment_bytes: int = WAL_SEGMENT_BYTES,
        compress: bool = True,
        on_fsync: Callable[[float], None] | None = None,
    ) -> None:
        self.directory = directory
        self._limit = max(segment_bytes // WAL_PAGE_BYTES, 1) * WAL_PAGE_BYTES
        self._compress = compress
        self._on_fsync = on_fsync
        self._fd = -1
        self._used = 0
        self._closed = False
        directory.mkdir(parents=True, exist_ok=True)
        existing = list_segments(directory)
        checkpoints = list_checkpoints(directory)
        last = max([existing[-1] if existing else -1, checkpoints[-1][0] if checkpoints else -1])
        self._open(last + 1)

    def _open(self, index: int) -> None:
        path = self.directory / segment_name(index)
        try:
            self._fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o666)
            _sync_directory(self.directory)
        except OSError as error:
            raise StorageError(f"can't start write-ahead log segment {path}: {error.strerror}") from error
        self.segment = index
        self._used = 0

    def log(self, records: list[bytes]) -> None:
        """Appends `records` as one write. Raises `StorageError`, and then the log is as it was before."""
        packed: list[bytes] = []
        flags = np.zeros(len(records), dtype=np.uint8)
        for i, record in enumerate(records):
            if self._compress and record:
                small = bytes(cramjam.snappy.compress_raw(record))
                if len(small) < len(record):
                    flags[i] = SNAPPY
                    record = small
            packed.append(record)
        if self._closed:
            raise StorageError("the write-ahead log is closed")
        if self._fd < 0:
            # A failed write could not be undone: what it left ends that segment.
            self._open(self.segment + 1)
        data = frame(packed, flags, self._used % WAL_PAGE_BYTES)
        if self._used and self._used + len(data) > self._limit:
            self.next_segment()
            data = frame(packed, flags, 0)
        self._write(data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += os.write(self._fd, view[done:])
        except OSError as error:
            # Half a record must not stay: what follows it could not be read.
            try:
                os.ftruncate(self._fd, self._used)
            except OSError as worse:
                os.close(self._fd)
                self._fd = -1
                raise StorageError(
                    f"can't undo a failed write to the write-ahead log: {worse.strerror}"
                ) from worse
            raise StorageError(f"can't write to the write-ahead log: {error.strerror}") from error
        self._used += len(view)

    def next_segment(self) -> int:
        """Finishes the segment and starts the next. Returns the number of the finished one."""
        finished, fd, used = self.segment, self._fd, self._used
        rest = -used % WAL_PAGE_BYTES
        if rest:
            self._write(bytes(rest))
        try:
            self._open(finished + 1)
        except StorageError:
            self._fd, self.segment = fd, finished
            raise
        self._sync(fd)
        os.close(fd)
        return finished

    def _sync(self, fd: int) -> None:
        started = time.perf_counter()
        try:
            os.fsync(fd)
        except OSError as error:
            raise StorageError(f"can't flush the write-ahead log: {error.strerror}") from error
        finally:
            if self._on_fsync is not None:
                self._on_fsync(time.perf_counter() - started)

    def size(self) -> int:
        """Bytes of the log on disk, checkpoints included."""
        return directory_size(self.directory)

    def truncate(self, before: int) -> None:
        """Removes segments below `before`."""
        for index in list_segments(self.directory):
            if index < before:
                (self.directory / segment_name(index)).unlink(missing_ok=True)

    def close(self) -> None:
        self._closed = True
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            try:
                self._sync(fd)
            finally:
                os.close(fd)


def directory_size(path: Path) -> int:
    total = 0
    for base, _, files in os.walk(path):
        for name in files:
            try:
                total += os.stat(os.path.join(base, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_segment(path: Path) -> Iterator[bytes | Corruption]:
    """The records of one segment; the last item is a `Corruption` when the file can't be read to its end."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        data, offsets, flags, ends, problem = unframe(np.frombuffer(mapped, dtype=np.uint8))
    bounds = offsets.tolist()
    for i, flag in enumerate(flags.tolist()):
        record = data[bounds[i] : bounds[i + 1]]
        try:
            if flag & SNAPPY:
                record = bytes(cramjam.snappy.decompress_raw(record))
            elif flag & ZSTD:
                record = bytes(cramjam.zstd.decompress(record))
        except Exception as error:
            yield Corruption(path, int(ends[i]), f"record {i} can't be decompressed: {error}")
            return
        yield record
    if problem is not None:
        yield Corruption(path, int(ends[-1]), problem)
