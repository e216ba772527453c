"""What Prometheus keeps beside log and blocks: m-mapped chunks of its head, and a log of late samples.

Its m-mapped chunks (`chunks_head/`) repeat what its write-ahead log holds, unless that log was damaged. Its late
samples (`wbl/`, and chunks marked as out of order) are nowhere else. Both would be misread once series ids have moved
on, so at the end of a start they are gone: what the head lacks of them goes into blocks of its own first.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vedette.algebra.distinct import distinct
from vedette.config.log import get_logger
from vedette.kernels.crc32c import crc32c
from vedette.kernels.tsdb_wal import decode_samples
from vedette.kernels.xor import decode_chunk
from vedette.metrics.contract import Float64s, Int64s, StorageError
from vedette.metrics.tsdb.block_writer import XOR, encode_batch, write_block
from vedette.metrics.tsdb.head import Head
from vedette.metrics.tsdb.index_writer import sort_label_sets
from vedette.metrics.tsdb.meta import OUT_OF_ORDER, BlockMeta, new_ulid
from vedette.metrics.tsdb.tombstones import get_uvarint
from vedette.metrics.tsdb.wal import SAMPLES, Corruption, list_segments, read_segment, segment_name

log = get_logger("metrics.tsdb")

HEAD_CHUNKS_MAGIC = 0x0130BC91
_HEADER_BYTES = 8
_CHUNK_HEADER_BYTES = 25
# The highest bit of a chunk's encoding marks samples that came late.
_LATE = 0x80

Columns = tuple[Int64s, Float64s]


def head_chunk_files(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.name.isdigit())
    except FileNotFoundError:
        return []


def read_head_chunks(path: Path) -> Iterator[tuple[int, int, int, int, bytes]]:
    """``(series id, first time, last time, encoding, chunk)`` of one file, up to its end or the first damage."""
    data = path.read_bytes()
    if len(data) < _HEADER_BYTES or struct.unpack_from(">IB", data) != (HEAD_CHUNKS_MAGIC, 1):
        return
    at = _HEADER_BYTES
    while at + _CHUNK_HEADER_BYTES < len(data):
        ref, low, high, encoding = struct.unpack_from(">QqqB", data, at)
        try:
            size, body = get_uvarint(data[at + _CHUNK_HEADER_BYTES : at + _CHUNK_HEADER_BYTES + 10], 0)
        except ValueError:
            return
        start = at + _CHUNK_HEADER_BYTES + body
        end = start + size
        # Files are made longer than what is in them: zeros follow.
        if not (ref and size) or end + 4 > len(data):
            return
        if crc32c(data[at:end]) != struct.unpack_from(">I", data, end)[0]:
            log.error("a file of m-mapped chunks is damaged", file=str(path), at=at)
            return
        yield ref, low, high, encoding, data[start:end]
        at = end + 4


def missing_from_head(directory: Path, head: Head) -> dict[int, list[Columns]]:
    """Samples that Prometheus kept beside its log and that the head, replayed from the log, does not have; by row."""
    found: dict[int, list[Columns]] = {}
    for path in head_chunk_files(directory / "chunks_head"):
        for ref, low, high, encoding, chunk in read_head_chunks(path):
            head.reserve_ids(ref)
            row = head.store.row(ref)
            late = bool(encoding & _LATE)
            if row < 0 or (not late and (high < head.min_valid or _covered(head, row, low, high))):
                continue
            if encoding & ~_LATE != XOR:
                log.error("m-mapped histogram chunks can't be read yet", file=str(path), series=ref)
                continue
            try:
                found.setdefault(row, []).append(decode_chunk(chunk))
            except ValueError as error:
                log.error("an m-mapped chunk can't be read", file=str(path), reason=str(error))
    wbl = directory / "wbl"
    for number in list_segments(wbl):
        for item in read_segment(wbl / segment_name(number)):
            if isinstance(item, Corruption):
                log.error("the log of late samples is damaged", where=str(item))
                break
            if item[:1] == bytes([SAMPLES]):
                for row, columns in _by_row(head, *decode_samples(item)):
                    found.setdefault(row, []).append(columns)
    return found


def _covered(head: Head, row: int, low: int, high: int) -> bool:
    """Whether the head has the row from `low` to `high`. Samples come in order, so its ends tell."""
    first, last = head.store.times(np.array([row], dtype=np.int64))
    return bool(first[0] <= max(low, head.min_valid) and last[0] >= high)


def _by_row(head: Head, refs: Int64s, ts: Int64s, values: Float64s) -> Iterator[tuple[int, Columns]]:
    for ref in distinct(refs).tolist():
        row = head.store.row(ref)
        if row >= 0:
            mine = refs == ref
            yield row, (ts[mine], values[mine])


def rescue(directory: Path, head: Head) -> list[BlockMeta]:
    """Moves what `missing_from_head` finds into blocks, one per block range. Raises `StorageError`."""
    found = missing_from_head(directory, head)
    if not found:
        return []
    rows = np.array(sorted(found), dtype=np.int64)
    series = [_in_order(found[row]) for row in rows.tolist()]
    offsets, pairs = head.store.pairs(rows)
    labels = sort_label_sets(offsets, pairs, head.names.strings, head.symbols.strings)
    series = [series[i] for i in labels.order.tolist()]
    low = min(int(ts[0]) for ts, _ in series)
    high = max(int(ts[-1]) for ts, _ in series)
    width = head.chunk_range
    written = []
    for start in range(low // width * width, high + 1, width):
        parts = [_between(columns, start, start + width) for columns in series]
        bounds = np.concatenate(([0], np.cumsum([len(ts) for ts, _ in parts]))).astype(np.int64)
        batch = encode_batch(
            bounds, np.concatenate([ts for ts, _ in parts]), np.concatenate([vs for _, vs in parts])
        )
        ulid = new_ulid()
        meta = BlockMeta(ulid, start, start + width, 0, 0, 0, sources=(ulid,), hints=(OUT_OF_ORDER,))
        done = write_block(directory, meta, labels, [batch])
        if done is not None:
            written.append(done)
    return written


def _in_order(parts: list[Columns]) -> Columns:
    ts = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    ts, first = np.unique(ts, return_index=True)
    return ts, values[first]


def _between(columns: Columns, low: int, high: int) -> Columns:
    a, b = np.searchsorted(columns[0], (low, high))
    return columns[0][a:b], columns[1][a:b]


def take_over(directory: Path, head: Head) -> list[BlockMeta]:
    """Brings what lies beside log and blocks into blocks, then removes it. Raises `StorageError`."""
    chunks, wbl = directory / "chunks_head", directory / "wbl"
    if not head_chunk_files(chunks) and not list_segments(wbl):
        return []
    written = rescue(directory, head)
    for meta in written:
        log.info("late samples of Prometheus became a block", block=meta.ulid, samples=meta.samples)
    try:
        for path in head_chunk_files(chunks):
            path.unlink()
        if wbl.exists():
            shutil.rmtree(wbl)
        # A snapshot of a head that has moved on since.
        for path in directory.glob("chunk_snapshot.*"):
            shutil.rmtree(path)
    except OSError as error:
        raise StorageError(f"can't clear {error.filename}: {error.strerror}") from error
    return written
