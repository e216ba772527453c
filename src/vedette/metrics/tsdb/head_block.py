"""From the head to a block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vedette.kernels.tsdb_read import chunk_bytes, head_chunks, read
from vedette.metrics.contract import Int64s
from vedette.metrics.tsdb.block_writer import XOR, ChunkBatch, encode_batch, write_block
from vedette.metrics.tsdb.head import Head
from vedette.metrics.tsdb.index_writer import sort_label_sets
from vedette.metrics.tsdb.meta import BlockMeta, new_ulid
from vedette.metrics.tsdb.querier import deleted_rows

_SERIES_PER_BATCH = 4096


def write_head_block(parent: Path, head: Head, mint: int, maxt: int) -> BlockMeta | None:
    """Writes what the head holds of ``mint <= t < maxt``. Nobody may append to that range any more.

    Returns the new block's meta, or None when there was nothing. Raises `StorageError`.
    """
    with head.state_lock:
        rows = head.store.live_rows()
        first, last = head.store.times(rows)
        rows = rows[(first < maxt) & (last >= mint)]
        offsets, pairs = head.store.pairs(rows)
    labels = sort_label_sets(offsets, pairs, head.names.strings, head.symbols.strings)
    ulid = new_ulid()
    meta = BlockMeta(ulid, mint, maxt, 0, 0, 0, sources=(ulid,))
    return write_block(parent, meta, labels, _batches(head, rows[labels.order], mint, maxt - 1))


def _batches(head: Head, rows: Int64s, mint: int, maxt: int) -> Iterator[ChunkBatch]:
    for start in range(0, len(rows), _SERIES_PER_BATCH):
        part = rows[start : start + _SERIES_PER_BATCH]
        with head.state_lock:
            offsets, chunks, mints, maxts = head_chunks(head.store, part, mint, maxt)
            bounds, data, samples = chunk_bytes(head.store, chunks)
            gone = [
                (i, head.deletions.by_row[row])
                for i, row in enumerate(part.tolist())
                if row in head.deletions.by_row
            ]
        whole = not gone and (not len(chunks) or (mints.min() >= mint and maxts.max() <= maxt))
        if whole:
            lengths = np.diff(bounds)
            encodings = np.full(len(chunks), XOR, dtype=np.uint8)
            yield ChunkBatch(np.diff(offsets), mints, maxts, samples, encodings, bounds[:-1], lengths, data)
            continue
        # Something is deleted, or a chunk reaches over the edge: write these samples anew.
        with head.state_lock:
            limits = head.store.limits(part)
            flat = read(
                head.store,
                part,
                limits,
                [],
                [],
                [deleted_rows(gone, len(part))],
                0,
                len(part),
                mint,
                maxt,
                head.floor,
            )
        yield encode_batch(flat[0], flat[1], flat[2])
