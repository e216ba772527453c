"""One immutable block on disk, opened for reading."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import Symbols
from vedette.kernels.tsdb_block import parse_series
from vedette.kernels.tsdb_read import BlockChunks
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.index_reader import IndexReader
from vedette.metrics.tsdb.matching import unwatched
from vedette.metrics.tsdb.meta import BlockMeta, read_meta, write_meta
from vedette.metrics.tsdb.tombstones import Tombstones, read_tombstones, write_tombstones
from vedette.metrics.tsdb.wal import directory_size
from vedette.model.labels import Matcher

Int64s = npt.NDArray[np.int64]
LabelSets = tuple[Int64s, npt.NDArray[np.int32]]

CHUNKS_MAGIC = 0x85BD40DD


class Block:
    """Files stay mapped as long as the object lives, also after the directory was removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.meta: BlockMeta = read_meta(path)
        self.index = IndexReader(path / "index")
        self.segments = [_open_chunks(file) for file in _chunk_files(path / "chunks")]
        self.tombstones: Tombstones = read_tombstones(path / "tombstones")
        self.disk_bytes = directory_size(path)

    def overlaps(self, mint: int, maxt: int) -> bool:
        return self.meta.min_time <= maxt and mint < self.meta.max_time

    def select(
        self,
        matchers: Sequence[Matcher],
        mint: int,
        maxt: int,
        names: Symbols,
        values: Symbols,
        check: Callable[[], None] = unwatched,
    ) -> tuple[BlockChunks, LabelSets, list[tuple[int, list[tuple[int, int]]]]] | None:
        """Matching series with a chunk in the range, or None when there is none.

        Returns their chunks, their labels in the store's ids, and ``(series, deleted ranges)`` where there are any.
        """
        ids = np.asarray(self.index.select(matchers, check).to_array(), dtype=np.uint32)
        if not len(ids):
            return None
        try:
            which, label_offsets, pairs, chunk_offsets, mints, maxts, refs = parse_series(
                self.index.content, ids, mint, maxt
            )
        except ValueError as error:
            raise StorageError(f"{self.index.path}: {error}") from error
        if not len(which):
            return None
        chunks = BlockChunks(chunk_offsets, mints, maxts, refs, self.segments)
        labels = (label_offsets, self.index.translate(pairs, names, values))
        gone: list[tuple[int, list[tuple[int, int]]]] = []
        stones = self.tombstones
        if stones:
            gone = [(i, stones[ref]) for i, ref in enumerate(ids[which].tolist()) if ref in stones]
        return chunks, labels, gone

    def label_names(self) -> list[str]:
        return self.index.label_names()

    def label_values(self, name: str) -> list[str]:
        return self.index.label_values(name)

    def delete(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
        """Marks samples as deleted. Returns how many series got a mark."""
        ids = np.asarray(self.index.select(matchers).to_array(), dtype=np.uint32)
        if not len(ids):
            return 0
        which, _, _, chunk_offsets, mints, maxts, _ = parse_series(self.index.content, ids, mint, maxt)
        marked = {ref: list(ranges) for ref, ranges in self.tombstones.items()}
        for i, ref in enumerate(ids[which].tolist()):
            low = max(mint, int(mints[chunk_offsets[i]]))
            high = min(maxt, int(maxts[chunk_offsets[i + 1] - 1]))
            marked.setdefault(ref, []).append((low, high))
        count = write_tombstones(self.path, marked)
        self.meta = replace(self.meta, tombstones=count)
        write_meta(self.path, self.meta)
        self.tombstones = marked
        return len(which)


def _chunk_files(directory: Path) -> list[Path]:
    """Chunk files in order; references count them from the first."""
    try:
        return sorted(path for path in directory.iterdir() if path.name.isdigit())
    except FileNotFoundError as error:
        raise StorageError(f"{directory}: no such directory") from error


def _open_chunks(path: Path) -> memoryview:
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: {error}") from error
    if len(data) < 8:
        raise StorageError(f"{path}: {len(data)} bytes are too few for a chunk file")
    magic, version = struct.unpack_from(">IB", data, 0)
    if magic != CHUNKS_MAGIC or version != 1:
        raise StorageError(
            f"{path}: magic number {magic:08x} version {version}, expected {CHUNKS_MAGIC:08x} version 1"
        )
    return memoryview(data)
