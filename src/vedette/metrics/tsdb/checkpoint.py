"""Keeping the write-ahead log short: what old segments still say of the head moves into a checkpoint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vedette.kernels.tsdb_wal import decode_samples, decode_series, encode_samples, encode_series
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.replay import decode_tombstones
from vedette.metrics.tsdb.tombstones import put_varint
from vedette.metrics.tsdb.wal import (
    EXEMPLARS,
    MMAP_MARKERS,
    SAMPLES,
    SERIES,
    TOMBSTONES,
    Corruption,
    Wal,
    list_checkpoints,
    list_segments,
    read_segment,
    segment_name,
)

_TEMPORARY = ".tmp"
# Of series ids, those that are still wanted (a mask).
Keep = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]]
# Records are written together until they come to this many bytes.
_WRITE_BYTES = 1 << 20


def encode_tombstones(stones: list[tuple[int, int, int]]) -> bytes:
    """A tombstone record of ``(series id, first, last)``."""
    out = bytearray([TOMBSTONES])
    for ref, low, high in stones:
        out += ref.to_bytes(8, "big") + put_varint(low) + put_varint(high)
    return bytes(out)


def write_checkpoint(directory: Path, last: int, keep: Keep, mint: int, *, compress: bool) -> None:
    """Writes the checkpoint that stands for all segments up to `last`, then removes these and older checkpoints.

    Kept are series that `keep` wants, their samples from `mint` on and deletions that reach `mint`.
    Raises `StorageError`; then nothing has changed. A crash at any point leaves either the old or the new state.
    """
    target = directory / f"checkpoint.{last:08d}"
    temporary = directory / f"checkpoint.{last:08d}{_TEMPORARY}"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        log = Wal(temporary, compress=compress)
        try:
            pending: list[bytes] = []
            size = 0
            for record in _records(directory, last):
                kept = _filter(record, keep, mint)
                if kept is None:
                    continue
                pending.append(kept)
                size += len(kept)
                if size > _WRITE_BYTES:
                    log.log(pending)
                    pending, size = [], 0
            if pending:
                log.log(pending)
        finally:
            log.close()
        temporary.rename(target)
        fd = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise StorageError(f"can't write checkpoint {target}: {error.strerror or error}") from error
    except StorageError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for index in list_segments(directory):
        if index <= last:
            (directory / segment_name(index)).unlink(missing_ok=True)
    for index, path in list_checkpoints(directory):
        if index < last:
            shutil.rmtree(path, ignore_errors=True)


def _records(directory: Path, last: int) -> Iterator[bytes]:
    """Records of the newest checkpoint and of the segments after it, up to `last`."""
    first = 0
    checkpoints = list_checkpoints(directory)
    sources: list[Path] = []
    if checkpoints:
        index, path = checkpoints[-1]
        first = index + 1
        sources += [path / segment_name(number) for number in list_segments(path)]
    sources += [
        directory / segment_name(number) for number in list_segments(directory) if first <= number <= last
    ]
    for source in sources:
        for item in read_segment(source):
            if isinstance(item, Corruption):
                raise StorageError(str(item))
            yield item


def _filter(record: bytes, keep: Keep, mint: int) -> bytes | None:
    kind = record[0] if record else 0
    if kind == SAMPLES:
        refs, ts, values = decode_samples(record)
        wanted = ts >= mint
        if wanted.any():
            wanted &= keep(refs)
        if not wanted.any():
            return None
        return record if wanted.all() else encode_samples(refs[wanted], ts[wanted], values[wanted])
    if kind == SERIES:
        series = decode_series(record)
        mask = keep(np.array([ref for ref, _ in series], dtype=np.int64))
        kept = [entry for entry, wanted in zip(series, mask.tolist(), strict=True) if wanted]
        if not kept:
            return None
        return record if len(kept) == len(series) else _encode_series(kept)
    if kind == TOMBSTONES:
        stones = [stone for stone in decode_tombstones(record) if stone[2] >= mint]
        mask = keep(np.array([ref for ref, _, _ in stones], dtype=np.int64))
        stones = [stone for stone, wanted in zip(stones, mask.tolist(), strict=True) if wanted]
        return encode_tombstones(stones) if stones else None
    # Exemplars and markers of m-mapped chunks mean nothing once the segment is gone. What we can't read is kept as
    # it is, for a program that can.
    return None if kind in (EXEMPLARS, MMAP_MARKERS) else record


def _encode_series(series: list[tuple[int, tuple[tuple[str, str], ...]]]) -> bytes:
    strings = [text for _, labels in series for pair in labels for text in pair]
    pairs = np.arange(len(strings), dtype=np.int32)
    offsets = np.concatenate(([0], np.cumsum([2 * len(labels) for _, labels in series]))).astype(np.int64)
    ids = np.array([ref for ref, _ in series], dtype=np.int64)
    return encode_series(ids, offsets, pairs, strings, strings)


def clear_checkpoints(directory: Path) -> list[str]:
    """Removes checkpoints that a crash left half made. Returns their names."""
    if not directory.is_dir():
        return []
    names = [
        entry.name
        for entry in os.scandir(directory)
        if entry.name.startswith("checkpoint.") and entry.name.endswith(_TEMPORARY)
    ]
    for name in names:
        shutil.rmtree(directory / name, ignore_errors=True)
    return names
