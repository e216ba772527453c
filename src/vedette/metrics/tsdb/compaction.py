"""Merging blocks: which ones, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import Symbols
from vedette.kernels.tsdb_block import raw_chunks
from vedette.kernels.tsdb_head import HeadStore
from vedette.kernels.tsdb_read import PROBLEMS, BlockChunks, read, unite
from vedette.metrics.contract import Int64s, StorageError
from vedette.metrics.tsdb.block import Block
from vedette.metrics.tsdb.block_writer import XOR, ChunkBatch, encode_batch, write_block
from vedette.metrics.tsdb.index_writer import sort_label_sets
from vedette.metrics.tsdb.meta import BlockMeta, new_ulid
from vedette.metrics.tsdb.querier import deleted_rows
from vedette.model.time import MAX_TIME, MIN_TIME

_SERIES_PER_BATCH = 4096
# A block is rewritten when more than this share of its series carries deletions.
_TOMBSTONE_SHARE = 0.05


def plan(metas: Sequence[BlockMeta], ranges: Sequence[int]) -> list[str]:
    """Ids of the blocks to merge next, or to rewrite alone; empty when all is well. `metas` in any order.

    Overlapping blocks come first. Otherwise the smallest range that is complete, leaving the newest block alone: it
    came from the head a moment ago, and merging it at once would only be work done twice.
    """
    blocks = sorted(metas, key=lambda m: (m.min_time, m.max_time))
    overlapping = _overlapping(blocks)
    if overlapping:
        return [m.ulid for m in overlapping]
    older = blocks[:-1]
    for length in ranges[1:]:
        for group in _aligned_groups(older, length):
            low, high = group[0].min_time, max(m.max_time for m in group)
            complete = high - low == length or high <= older[-1].min_time
            if len(group) > 1 and complete and not any(m.failed for m in group):
                return [m.ulid for m in group]
    for meta in reversed(older):
        if meta.max_time - meta.min_time < ranges[len(ranges) // 2]:
            break
        if meta.tombstones > _TOMBSTONE_SHARE * (meta.series + 1):
            return [meta.ulid]
    return []


def _overlapping(blocks: list[BlockMeta]) -> list[BlockMeta]:
    for i, first in enumerate(blocks):
        group, end = [first], first.max_time
        for other in blocks[i + 1 :]:
            if other.min_time >= end:
                break
            group.append(other)
            end = max(end, other.max_time)
        if len(group) > 1:
            return group
    return []


def _aligned_groups(blocks: list[BlockMeta], length: int) -> list[list[BlockMeta]]:
    """Blocks that lie within the same aligned window of `length`."""
    groups: dict[int, list[BlockMeta]] = {}
    for meta in blocks:
        window = meta.min_time // length * length
        if meta.max_time <= window + length:
            groups.setdefault(window, []).append(meta)
    return [groups[window] for window in sorted(groups)]


def merge_blocks(parent: Path, blocks: Sequence[Block]) -> BlockMeta | None:
    """Writes one block with all samples of `blocks` that are not deleted; None when none is left.

    Raises `StorageError`; the blocks stay as they are.
    """
    # Opened anew: their symbols must not enter the store's vocabulary.
    sources = [Block(block.path) for block in sorted(blocks, key=lambda b: b.meta.min_time)]
    names, values = Symbols(), Symbols()
    chosen = [source.select([], MIN_TIME, MAX_TIME, names, values) for source in sources]
    present = [(source, entry) for source, entry in zip(sources, chosen, strict=True) if entry is not None]
    sets = [entry[1] for _, entry in present]
    rows, numbers = unite(sets)
    positions = []
    for number in numbers:
        position = np.full(rows, -1, dtype=np.int64)
        position[number] = np.arange(len(number))
        positions.append(position)
    offsets, pairs = _first_sets(sets, numbers, rows)
    labels = sort_label_sets(offsets, pairs, names.strings, values.strings)
    metas = [source.meta for source in sources]
    meta = BlockMeta(
        new_ulid(),
        min(m.min_time for m in metas),
        max(m.max_time for m in metas),
        0,
        0,
        0,
        level=max(m.level for m in metas) + 1,
        sources=tuple(sorted({s for m in metas for s in (m.sources or (m.ulid,))})),
        parents=tuple((m.ulid, m.min_time, m.max_time) for m in metas),
        extra=metas[0].extra,
    )
    merger = _Merger(
        [source for source, _ in present],
        [entry[0] for _, entry in present],
        positions,
        [
            {int(number[i]): gone for i, gone in entry[2]}
            for (_, entry), number in zip(present, numbers, strict=True)
        ],
    )
    return write_block(parent, meta, labels, merger.batches(labels.order))


def _first_sets(
    sets: list[tuple[Int64s, npt.NDArray[np.int32]]], numbers: list[Int64s], rows: int
) -> tuple[Int64s, npt.NDArray[np.int32]]:
    """The label set of each row, taken from the first source that has it."""
    lengths = np.zeros(rows, dtype=np.int64)
    starts = np.zeros(rows, dtype=np.int64)
    base = 0
    for (offsets, pairs), number in zip(sets, numbers, strict=True):
        new = lengths[number] == 0
        lengths[number[new]] = np.diff(offsets)[new]
        starts[number[new]] = offsets[:-1][new] + base
        base += len(pairs)
    flat = np.concatenate([pairs for _, pairs in sets] or [np.zeros(0, dtype=np.int32)])
    out = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    picks = np.arange(out[-1]) + np.repeat(starts - out[:-1], lengths)
    return out, flat[picks]


class _Merger:
    """Chunks of the merged series, in batches. Chunks are copied; only what overlaps or is deleted is written anew."""

    def __init__(
        self,
        blocks: list[Block],
        chunks: list[BlockChunks],
        positions: list[Int64s],
        gone: list[dict[int, list[tuple[int, int]]]],
    ) -> None:
        self._blocks = blocks
        self._chunks = chunks
        self._positions = positions
        self._gone = gone
        self._no_head = HeadStore(1)

    def batches(self, order: Int64s) -> Iterator[ChunkBatch]:
        for start in range(0, len(order), _SERIES_PER_BATCH):
            yield self._batch(order[start : start + _SERIES_PER_BATCH])

    def _batch(self, rows: Int64s) -> ChunkBatch:
        owner, mints, maxts, parts = [], [], [], []
        base = 0
        for block, chunks, position in zip(self._blocks, self._chunks, self._positions, strict=True):
            at = position[rows]
            has = np.flatnonzero(at >= 0)
            counts = np.diff(chunks.offsets)[at[has]]
            first = chunks.offsets[:-1][at[has]]
            picks = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
            owner.append(np.repeat(has, counts))
            mints.append(chunks.mints[picks])
            maxts.append(chunks.maxts[picks])
            try:
                offsets, data, encodings, samples = raw_chunks(
                    block.segments, np.ascontiguousarray(chunks.refs[picks])
                )
            except ValueError as error:
                raise StorageError(f"block {block.meta.ulid}: {error}") from error
            parts.append((offsets[:-1] + base, np.diff(offsets), encodings, samples, data))
            base += len(data)
        row, low, high = np.concatenate(owner), np.concatenate(mints), np.concatenate(maxts)
        order = np.lexsort((low, row))
        row, low, high = row[order], low[order], high[order]
        starts, lengths, encodings, samples = (
            np.concatenate([part[i] for part in parts])[order] for i in range(4)
        )
        data = np.concatenate([part[4] for part in parts])
        rewrite = np.zeros(len(rows), dtype=np.bool_)
        touching = (row[1:] == row[:-1]) & (low[1:] <= high[:-1])
        rewrite[row[1:][touching]] = True
        for gone in self._gone:
            if gone:
                rewrite |= np.isin(rows, np.fromiter(gone, dtype=np.int64))
        counts = np.bincount(row, minlength=len(rows)).astype(np.int64)
        batch = ChunkBatch(counts, low, high, samples, encodings, starts, lengths, data)
        return self._rewritten(rows, row, rewrite, batch) if rewrite.any() else batch

    def _rewritten(
        self, rows: Int64s, owner: Int64s, rewrite: npt.NDArray[np.bool_], batch: ChunkBatch
    ) -> ChunkBatch:
        changed = np.flatnonzero(rewrite)
        old = rewrite[owner]
        if (batch.encodings[old] != XOR).any():
            raise StorageError(
                "native histograms that overlap or are partly deleted can't be merged yet; the blocks stay as they are"
            )
        fresh = self._decode(rows[changed])
        counts = batch.counts.copy()
        counts[changed] = fresh.counts
        # Kept chunks and fresh ones, brought together in the order of their series.
        fresh_owner = np.repeat(changed, fresh.counts)
        all_owner = np.concatenate([owner[~old], fresh_owner])
        order = np.argsort(all_owner, kind="stable")

        def both(kept: npt.NDArray[np.int64], new: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
            return np.concatenate([kept[~old], new])[order]

        return ChunkBatch(
            counts,
            both(batch.mints, fresh.mints),
            both(batch.maxts, fresh.maxts),
            both(batch.samples, fresh.samples),
            np.concatenate([batch.encodings[~old], fresh.encodings])[order],
            both(batch.starts, fresh.starts + len(batch.data)),
            both(batch.lengths, fresh.lengths),
            np.concatenate([batch.data, fresh.data]),
        )

    def _decode(self, rows: Int64s) -> ChunkBatch:
        deleted = [
            deleted_rows([(i, gone[row]) for i, row in enumerate(rows.tolist()) if row in gone], len(rows))
            for gone in self._gone
        ]
        offsets, timestamps, values, problem, source = read(
            self._no_head,
            np.full(len(rows), -1, dtype=np.int64),
            np.zeros(len(rows), dtype=np.uint32),
            self._chunks,
            [np.ascontiguousarray(position[rows]) for position in self._positions],
            [*deleted, None],
            0,
            len(rows),
            MIN_TIME,
            MAX_TIME,
            MIN_TIME,
        )
        if problem:
            raise StorageError(f"block {self._blocks[source].meta.ulid}: {PROBLEMS[problem]}")
        return encode_batch(offsets, timestamps, values)
