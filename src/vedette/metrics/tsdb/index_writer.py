"""Writes a block's index file. Bytes: FORMAT.md."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from vedette.kernels.crc32c import crc32c
from vedette.kernels.tsdb_block import build_series
from vedette.metrics.tsdb.index_reader import INDEX_MAGIC, INDEX_VERSION
from vedette.metrics.tsdb.tombstones import put_uvarint

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Uint32s = npt.NDArray[np.uint32]
Uint64s = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SortedLabels:
    """Label sets in the order of an index.

    `order` are the positions of the sets that came in; `symbols` are sorted strings; ``pairs[offsets[i]:offsets[i + 1]]``
    are symbol numbers of the i-th set in order, (name, value) by turns.
    """

    order: Int64s
    symbols: list[str]
    offsets: Int64s
    pairs: Int32s


def sort_label_sets(
    offsets: Int64s, pairs: Int32s, names: Sequence[str], values: Sequence[str]
) -> SortedLabels:
    """Orders label sets as Prometheus compares them: name by name, value by value, a shorter set first.

    IN: set i is ``pairs[offsets[i]:offsets[i + 1]]``, indices into `names` and `values` by turns.
    """
    count = len(offsets) - 1
    used_names, name_at = np.unique(pairs[0::2], return_inverse=True)
    used_values, value_at = np.unique(pairs[1::2], return_inverse=True)
    name_texts = [names[i] for i in used_names.tolist()]
    value_texts = [values[i] for i in used_values.tolist()]
    # The empty string is there because the original puts it there.
    symbols = sorted({"", *name_texts, *value_texts}, key=_symbol_key)
    number = {text: i for i, text in enumerate(symbols)}
    ranked = np.empty_like(pairs)
    ranked[0::2] = np.array([number[t] for t in name_texts], dtype=np.int32)[name_at] if name_texts else 0
    ranked[1::2] = np.array([number[t] for t in value_texts], dtype=np.int32)[value_at] if value_texts else 0

    lengths = np.diff(offsets)
    widest = int(lengths.max()) if count else 0
    # One sortable byte string per set: big-endian numbers from 1, so that a missing label sorts first.
    keys = np.zeros((count, max(widest, 1)), dtype=">u4")
    column = np.arange(len(pairs)) - np.repeat(offsets[:-1], lengths)
    keys[np.repeat(np.arange(count), lengths), column] = ranked + 1
    order = np.argsort(keys.view(f"S{keys.shape[1] * 4}").ravel(), kind="stable").astype(np.int64)
    sorted_offsets = np.concatenate(([0], np.cumsum(lengths[order]))).astype(np.int64)
    picks = np.arange(sorted_offsets[-1]) + np.repeat(
        offsets[:-1][order] - sorted_offsets[:-1], lengths[order]
    )
    return SortedLabels(order, symbols, sorted_offsets, np.ascontiguousarray(ranked[picks]))


def _symbol_key(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class SeriesChunks:
    """Chunks of consecutive series: series i owns ``offsets[i]:offsets[i + 1]`` of the columns."""

    offsets: Int64s
    mints: Int64s
    maxts: Int64s
    refs: Uint64s


def write_index(path: Path, labels: SortedLabels, chunks: SeriesChunks) -> None:
    """Raises `OSError`."""
    with path.open("wb") as file:
        _IndexFile(file).write(labels, chunks)
        file.flush()


class _IndexFile:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)

    def _align(self, size: int) -> None:
        self._put(bytes(-self._at % size))

    def _section(self, body: bytes) -> int:
        at = self._at
        self._put(struct.pack(">I", len(body)))
        self._put(body)
        self._put(struct.pack(">I", crc32c(body)))
        return at

    def write(self, labels: SortedLabels, chunks: SeriesChunks) -> None:
        self._put(struct.pack(">IB", INDEX_MAGIC, INDEX_VERSION))
        raw = [_symbol_key(text) for text in labels.symbols]
        symbols = self._section(
            struct.pack(">I", len(raw)) + b"".join(put_uvarint(len(text)) + text for text in raw)
        )
        series = self._at
        self._align(16)
        entries, ids = build_series(
            labels.offsets, labels.pairs, chunks.offsets, chunks.mints, chunks.maxts, chunks.refs, self._at
        )
        self._put(entries)
        groups = list(_postings(labels, ids))
        label_indices, label_table = self._label_indices(groups, raw)
        postings = self._at
        postings_table = bytearray(struct.pack(">I", len(groups) + 1))
        for name, value, members in ((b"", b"", ids), *((raw[n], raw[v], m) for n, v, m in groups)):
            self._align(4)
            at = self._section(struct.pack(">I", len(members)) + members.astype(">u4").tobytes())
            postings_table += b"\x02" + put_uvarint(len(name)) + name
            postings_table += put_uvarint(len(value)) + value + put_uvarint(at)
        label_table_at = self._section(label_table)
        postings_table_at = self._section(bytes(postings_table))
        toc = struct.pack(">6Q", symbols, series, label_indices, label_table_at, postings, postings_table_at)
        self._put(toc + struct.pack(">I", crc32c(toc)))

    def _label_indices(self, groups: list[tuple[int, int, Uint32s]], raw: list[bytes]) -> tuple[int, bytes]:
        """Sections that nobody reads any more, kept so that the file is what the original writes."""
        first = self._at
        by_name: dict[int, list[int]] = {}
        for name, value, _ in groups:
            by_name.setdefault(name, []).append(value)
        table = bytearray(struct.pack(">I", len(by_name)))
        for name, values in by_name.items():
            self._align(4)
            at = self._section(struct.pack(">II", 1, len(values)) + np.array(values, dtype=">u4").tobytes())
            table += b"\x01" + put_uvarint(len(raw[name])) + raw[name] + put_uvarint(at)
        return first, bytes(table)


def _postings(labels: SortedLabels, ids: Uint32s) -> Iterator[tuple[int, int, Uint32s]]:
    """``(name symbol, value symbol, series ids)`` in the order of the postings offset table."""
    owner = np.repeat(ids, np.diff(labels.offsets) // 2)
    key = (labels.pairs[0::2].astype(np.int64) << 32) | labels.pairs[1::2]
    order = np.argsort(key, kind="stable")
    key, owner = key[order], owner[order]
    cuts = (np.flatnonzero(np.diff(key)) + 1).tolist()
    for low, high in zip([0, *cuts], [*cuts, len(key)], strict=True) if len(key) else ():
        yield int(key[low]) >> 32, int(key[low]) & 0xFFFFFFFF, owner[low:high]
