"""Writes a block: chunk files batch by batch, then the index, then everything under its final name at once."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vedette.kernels.tsdb_block import build_chunks
from vedette.kernels.xor import encode_chunk
from vedette.metrics.contract import Float64s, Int64s, StorageError
from vedette.metrics.tsdb.block import CHUNKS_MAGIC
from vedette.metrics.tsdb.index_writer import SeriesChunks, SortedLabels, write_index
from vedette.metrics.tsdb.meta import BlockMeta, write_meta
from vedette.metrics.tsdb.options import CHUNK_SEGMENT_BYTES
from vedette.metrics.tsdb.tombstones import write_tombstones

Uint8s = npt.NDArray[np.uint8]

# The original's suffixes: it clears away what a crash left under them, and so do we.
CREATING = ".tmp-for-creation"
DELETING = ".tmp-for-deletion"
XOR = 1
SAMPLES_PER_CHUNK = 120


@dataclass(frozen=True, slots=True)
class ChunkBatch:
    """Chunks of some series, in the index's order.

    Series i owns ``counts[i]`` chunks; chunk k is ``data[starts[k]:starts[k] + lengths[k]]``, its samples lie within
    ``mints[k]..maxts[k]``.
    """

    counts: Int64s
    mints: Int64s
    maxts: Int64s
    samples: Int64s
    encodings: Uint8s
    starts: Int64s
    lengths: Int64s
    data: Uint8s


def encode_batch(offsets: Int64s, timestamps: Int64s, values: Float64s) -> ChunkBatch:
    """Fresh chunks for decoded samples; series i owns ``offsets[i]:offsets[i + 1]``."""
    counts, mints, maxts, samples, parts = [], [], [], [], []
    for low, high in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        pieces = -(-(high - low) // SAMPLES_PER_CHUNK)
        counts.append(pieces)
        for piece in range(pieces):
            # Evenly filled, so that no chunk of one sample trails.
            a = low + (high - low) * piece // pieces
            b = low + (high - low) * (piece + 1) // pieces
            parts.append(encode_chunk(timestamps[a:b], values[a:b]))
            mints.append(int(timestamps[a]))
            maxts.append(int(timestamps[b - 1]))
            samples.append(b - a)
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    return ChunkBatch(
        np.array(counts, dtype=np.int64),
        np.array(mints, dtype=np.int64),
        np.array(maxts, dtype=np.int64),
        np.array(samples, dtype=np.int64),
        np.full(len(parts), XOR, dtype=np.uint8),
        np.concatenate(([0], np.cumsum(lengths)))[:-1].astype(np.int64),
        lengths,
        np.frombuffer(b"".join(parts), dtype=np.uint8),
    )


class _ChunkFiles:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._index = 0
        self._fd = -1
        self._at = 0
        directory.mkdir()

    def _cut(self) -> None:
        self.close()
        self._index += 1
        path = self._directory / f"{self._index:06d}"
        self._fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666)
        self._at = 0
        self._write(struct.pack(">IB3x", CHUNKS_MAGIC, 1))

    def _write(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while len(view):
            done = os.write(self._fd, view)
            view = view[done:]
            self._at += done

    def add(self, batch: ChunkBatch) -> npt.NDArray[np.uint64]:
        """Writes the batch's chunks; returns their references."""
        # A file may only be as long as its offsets reach; a batch is small against that.
        if (
            self._fd < 0
            or self._at + int(batch.lengths.sum()) + 16 * len(batch.lengths) > CHUNK_SEGMENT_BYTES
        ):
            self._cut()
        data, positions = build_chunks(batch.data, batch.starts, batch.lengths, batch.encodings, self._at)
        self._write(data.data)
        return positions.astype(np.uint64) | np.uint64((self._index - 1) << 32)

    def close(self) -> None:
        if self._fd >= 0:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1


def write_block(
    parent: Path, meta: BlockMeta, labels: SortedLabels, batches: Iterable[ChunkBatch]
) -> BlockMeta | None:
    """Writes a block into `parent` under ``meta.ulid``; counts in `meta` are filled in.

    `batches` give the chunks of ``labels.order`` in turn; series without chunks are left out, and when nothing is left
    no block is made and None returned. Raises `StorageError`; then nothing is left behind.
    """
    directory = parent / (meta.ulid + CREATING)
    shutil.rmtree(directory, ignore_errors=True)
    try:
        directory.mkdir(parents=True)
        files = _ChunkFiles(directory / "chunks")
        try:
            written, samples = _write_chunks(files, batches)
        finally:
            files.close()
        if not samples:
            shutil.rmtree(directory)
            return None
        labels, written = _without_empty(labels, written)
        write_index(directory / "index", labels, written)
        done = BlockMeta(
            ulid=meta.ulid,
            min_time=meta.min_time,
            max_time=meta.max_time,
            samples=samples,
            series=len(labels.order),
            chunks=len(written.refs),
            level=meta.level,
            sources=meta.sources,
            parents=meta.parents,
            hints=meta.hints,
            extra=meta.extra,
        )
        write_meta(directory, done)
        write_tombstones(directory, {})
        _sync_tree(directory)
        directory.rename(parent / meta.ulid)
        _sync(parent)
        return done
    except OSError as error:
        shutil.rmtree(directory, ignore_errors=True)
        raise StorageError(f"can't write block {parent / meta.ulid}: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _write_chunks(files: _ChunkFiles, batches: Iterable[ChunkBatch]) -> tuple[SeriesChunks, int]:
    counts, mints, maxts, refs, samples = [], [], [], [], 0
    for batch in batches:
        counts.append(batch.counts)
        if len(batch.lengths):
            refs.append(files.add(batch))
            mints.append(batch.mints)
            maxts.append(batch.maxts)
            samples += int(batch.samples.sum())
    none = np.zeros(0, dtype=np.int64)
    total = np.concatenate([none, *counts])
    return (
        SeriesChunks(
            np.concatenate(([0], np.cumsum(total))).astype(np.int64),
            np.concatenate([none, *mints]),
            np.concatenate([none, *maxts]),
            np.concatenate([none.astype(np.uint64), *refs]),
        ),
        samples,
    )


def _without_empty(labels: SortedLabels, chunks: SeriesChunks) -> tuple[SortedLabels, SeriesChunks]:
    counts = np.diff(chunks.offsets)
    keep = counts > 0
    if keep.all():
        return labels, chunks
    lengths = np.diff(labels.offsets)
    pairs = labels.pairs[np.repeat(keep, lengths)]
    used, numbers = np.unique(pairs, return_inverse=True)
    return (
        SortedLabels(
            labels.order[keep],
            [labels.symbols[i] for i in used.tolist()],
            np.concatenate(([0], np.cumsum(lengths[keep]))).astype(np.int64),
            numbers.astype(np.int32),
        ),
        SeriesChunks(
            np.concatenate(([0], np.cumsum(counts[keep]))).astype(np.int64),
            chunks.mints,
            chunks.maxts,
            chunks.refs,
        ),
    )


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_tree(directory: Path) -> None:
    for path in (directory / "index", directory / "chunks", directory):
        _sync(path)


def delete_block(path: Path) -> None:
    """Removes a block's directory; a crash in between leaves nothing that looks like a block."""
    doomed = path.with_name(path.name + DELETING)
    shutil.rmtree(doomed, ignore_errors=True)
    path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def clear_leftovers(parent: Path) -> list[str]:
    """Removes what a crash left half made or half removed. Returns the names."""
    names = [
        entry.name
        for entry in os.scandir(parent)
        if entry.is_dir() and entry.name.endswith((CREATING, DELETING, ".tmp"))
    ]
    for name in names:
        shutil.rmtree(parent / name, ignore_errors=True)
    return names
