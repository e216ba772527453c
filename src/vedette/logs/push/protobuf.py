"""The body that agents send: protobuf, compressed with snappy's block format."""

from __future__ import annotations

import cramjam
import numpy as np

from vedette.kernels import logpush
from vedette.logs.batch import Batch, Meta
from vedette.logs.push.entries import PushedStream
from vedette.logs.push.errors import PushError


def uncompressed_size(body: bytes) -> int | None:
    """The size that a snappy block announces, or None."""
    size = shift = 0
    for byte in body[:5]:
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            return size
        shift += 7
    return None


def decompress(body: bytes, limit: int) -> bytes:
    """The bytes of a snappy block of at most `limit`. Raises `PushError`."""
    size = uncompressed_size(body)
    if size is None:
        raise PushError("snappy: corrupt input")
    if size > limit:
        raise PushError(f"request body too large: {size} bytes, limit: {limit} bytes", 413)
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError:
        raise PushError("snappy: corrupt input") from None


def parse(body: bytes) -> list[PushedStream]:
    """The streams of an uncompressed body. Raises `PushError`."""
    counts = logpush.count(body)
    if counts is None:
        raise PushError("proto: PushRequest: malformed message")
    stream_count, entry_count, pair_count = counts
    streams = np.empty((stream_count + 1, 4), dtype=np.int32)
    times = np.empty(entry_count + 1, dtype=np.int64)
    lines = np.empty((entry_count + 1, 4), dtype=np.int32)
    pairs = np.empty((pair_count + 1, 4), dtype=np.int32)
    logpush.fill(body, streams, times, lines, pairs)
    out = []
    for label_start, label_end, first, last in streams[:stream_count].tolist():
        labels = body[label_start:label_end].decode("utf-8", "replace")
        rows = slice(first, last)
        starts, ends = lines[rows, 0], lines[rows, 1]
        metas, sets = _metadata(body, lines[rows], pairs)
        out.append(PushedStream(labels, _packed(body, starts, ends, times[rows], metas, sets)))
    return out


def _packed(
    body: bytes, starts: np.ndarray, ends: np.ndarray, times: np.ndarray, metas: np.ndarray, sets: list[Meta]
) -> Batch:
    loose = Batch(body, np.ascontiguousarray(starts), np.ascontiguousarray(ends), times.copy(), metas, sets)
    return _readable(loose.take(np.arange(len(times))))


def _readable(batch: Batch) -> Batch:
    """The same lines with U+FFFD for what is not UTF-8."""
    try:
        batch.buffer.decode()
    except UnicodeDecodeError:
        entries = [
            (when, line.decode("utf-8", "replace").encode(), meta) for when, line, meta in batch.entries()
        ]
        return Batch.of(entries)
    return batch


def _metadata(body: bytes, lines: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, list[Meta]]:
    count = len(lines)
    sets: dict[Meta, int] = {(): 0}
    metas = np.zeros(count, dtype=np.int32)
    for row in np.flatnonzero(lines[:, 2] != lines[:, 3]).tolist():
        meta = tuple(
            (body[a:b].decode("utf-8", "replace"), body[c:d].decode("utf-8", "replace"))
            for a, b, c, d in pairs[lines[row, 2] : lines[row, 3]].tolist()
        )
        metas[row] = sets.setdefault(meta, len(sets))
    return metas, list(sets)
