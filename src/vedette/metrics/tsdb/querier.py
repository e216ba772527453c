"""A consistent view over the head and the blocks: choosing series, their label columns, their samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vedette.algebra.distinct import distinct
from vedette.algebra.table import LabelTable, Symbols
from vedette.config.log import get_logger
from vedette.kernels.tsdb_read import PROBLEMS, SKIPPED, BlockChunks, label_columns, read, unite
from vedette.metrics.contract import Int64s, SampleBatch, Selection, StorageError
from vedette.metrics.tsdb.head import Head, Snapshot
from vedette.metrics.tsdb.matching import match_ahead, unwatched
from vedette.metrics.tsdb.postings import Chosen
from vedette.model.labels import Matcher
from vedette.model.time import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from vedette.metrics.tsdb.block import Block

log = get_logger("metrics.tsdb")

Uint32s = npt.NDArray[np.uint32]
LabelSets = tuple[Int64s, npt.NDArray[np.int32]]
# Per row a run of deleted ranges: (offsets[rows + 1], first times, last times).
Deleted = tuple[Int64s, Int64s, Int64s]


class TsdbSelection:
    """Rows of some series; where each lives in the head and in the blocks."""

    def __init__(
        self,
        table: LabelTable,
        head: Head,
        snapshot: Snapshot,
        head_rows: Int64s,
        limits: Uint32s,
        floor: int,
        blocks: Sequence[Block],
        chunks: list[BlockChunks],
        positions: list[Int64s],
        deleted: list[Deleted | None],
    ) -> None:
        self._table = table
        self._head = head
        # Keeps what the rows point at from being reused.
        self._snapshot = snapshot
        self._head_rows = head_rows
        self._limits = limits
        self._floor = floor
        self._blocks = blocks
        self._chunks = chunks
        self._positions = positions
        self._deleted = deleted
        self._warned = False

    @property
    def table(self) -> LabelTable:
        return self._table

    def read(self, start: int, stop: int, mint: int, maxt: int) -> SampleBatch:
        mint, maxt = max(mint, MIN_TIME), min(maxt, MAX_TIME)
        offsets, timestamps, values, problem, source = read(
            self._head.store,
            self._head_rows,
            self._limits,
            self._chunks,
            self._positions,
            self._deleted,
            start,
            stop,
            mint,
            maxt,
            self._floor,
        )
        if problem:
            where = f"block {self._blocks[source].meta.ulid}" if source >= 0 else "the head"
            raise StorageError(f"{where}: {PROBLEMS[problem]}")
        if source == SKIPPED and not self._warned:
            self._warned = True
            log.warning(
                "native histograms of blocks are left out of a query: they can't be read yet",
                blocks=",".join(block.meta.ulid for block in self._blocks),
            )
        return SampleBatch(offsets, timestamps, values)


class TsdbQuerier:
    """See `vedette.metrics.contract.Querier`. `blocks` tells the loaded blocks, oldest first.

    Blocks are asked for after the head: what the head gave up until then is in them.
    """

    def __init__(self, head: Head, blocks: Callable[[], Sequence[Block]], mint: int, maxt: int) -> None:
        self._head = head
        self._loaded = blocks
        self._mint = mint
        self._maxt = maxt
        self._snapshot: Snapshot | None = head.snapshot()

    def close(self) -> None:
        self._snapshot = None

    def __enter__(self) -> TsdbQuerier:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _view(self) -> Snapshot:
        if self._snapshot is None:
            raise StorageError("the querier is closed")
        return self._snapshot

    def _blocks(self, mint: int, maxt: int) -> list[Block]:
        return [block for block in self._loaded() if block.overlaps(mint, maxt)]

    def select(
        self, matchers: Sequence[Matcher], mint: int, maxt: int, check: Callable[[], None] = unwatched
    ) -> Selection:
        snapshot = self._view()
        mint, maxt = max(mint, self._mint, MIN_TIME), min(maxt, self._maxt, MAX_TIME)
        head = self._head
        match_ahead(head.postings, head.state_lock, matchers, check)
        rows, limits, floor, in_head = self._select_head(snapshot, matchers, mint, maxt)
        sets = in_head.labels
        assert sets is not None
        found: list[tuple[Block, BlockChunks, LabelSets, list[tuple[int, list[tuple[int, int]]]]]] = []
        for block in self._blocks(mint, maxt):
            chosen = block.select(matchers, mint, maxt, head.names, head.symbols, check)
            if chosen is not None:
                found.append((block, *chosen))
        if not found:
            # Everything is in the head, as for most of what people look at.
            if in_head.columns is None:
                numbers = [np.arange(len(rows), dtype=np.int64)]
                in_head.columns = _table([sets], numbers, len(rows), head.names, head.symbols).columns
            table = LabelTable(head.symbols, in_head.columns, len(rows))
            deleted_in_head = self._deleted_in_head(rows, len(rows))
            return TsdbSelection(table, head, snapshot, rows, limits, floor, [], [], [], [deleted_in_head])
        label_sets = [entry[2] for entry in found] + [sets]
        total, numbers = unite(label_sets)
        table = _table(label_sets, numbers, total, head.names, head.symbols)
        head_rows = np.full(total, -1, dtype=np.int64)
        head_rows[numbers[-1]] = rows
        head_limits = np.zeros(total, dtype=np.uint32)
        head_limits[numbers[-1]] = limits
        positions: list[Int64s] = []
        deleted: list[Deleted | None] = []
        for (_, _, block_sets, gone), number in zip(found, numbers, strict=False):
            position = np.full(total, -1, dtype=np.int64)
            position[number] = np.arange(len(block_sets[0]) - 1)
            positions.append(position)
            deleted.append(deleted_rows([(int(number[i]), ranges) for i, ranges in gone], total))
        deleted.append(self._deleted_in_head(head_rows, total))
        return TsdbSelection(
            table,
            head,
            snapshot,
            head_rows,
            head_limits,
            floor,
            [entry[0] for entry in found],
            [entry[1] for entry in found],
            positions,
            deleted,
        )

    def estimate(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
        """The most that the head or any one block has: series mostly live on from one to the next."""
        self._view()
        mint, maxt = max(mint, self._mint, MIN_TIME), min(maxt, self._maxt, MAX_TIME)
        counts = [len(block.index.select(matchers)) for block in self._blocks(mint, maxt)]
        match_ahead(self._head.postings, self._head.state_lock, matchers, unwatched)
        with self._head.state_lock:
            if self._head.max_time >= mint and self._head.min_time <= maxt:
                counts.append(len(self._head.postings.select(matchers)))
        return max(counts, default=0)

    def _select_head(
        self, snapshot: Snapshot, matchers: Sequence[Matcher], mint: int, maxt: int
    ) -> tuple[Int64s, Uint32s, int, Chosen]:
        """Rows, how many samples of each may be seen, the head's floor, and the labels of the rows."""
        head = self._head
        with head.state_lock:
            rows, limits, chosen = self._rows_in_head(snapshot, matchers, mint, maxt)
            if rows is not chosen.rows:
                chosen = Chosen(chosen.version, rows)
            if chosen.labels is None:
                chosen.labels = head.store.pairs(rows)
            return rows, limits, head.floor, chosen

    def _rows_in_head(
        self, snapshot: Snapshot, matchers: Sequence[Matcher], mint: int, maxt: int
    ) -> tuple[Int64s, Uint32s, Chosen]:
        """Rows with samples in the range, how many of each may be seen, and what they were picked from.

        Call with the state lock held.
        """
        head = self._head
        low, high = head.store.bounds
        chosen = head.postings.choose(matchers)
        rows = chosen.rows
        if high < mint or low > maxt:
            rows = rows[:0]
        elif low < mint or high > maxt:
            first, last = head.store.times(rows)
            inside = (first <= maxt) & (last >= mint)
            if not inside.all():
                rows = rows[inside]
        limits = head.limits(snapshot, rows)
        seen = limits > 0
        if not seen.all():
            rows, limits = rows[seen], limits[seen]
        return rows, limits, chosen

    def _deleted_in_head(self, head_rows: Int64s, total: int) -> Deleted | None:
        by_row = self._head.deletions.by_row
        if not by_row:
            return None
        with self._head.state_lock:
            gone = [(i, by_row[row]) for i, row in enumerate(head_rows.tolist()) if row in by_row]
        return deleted_rows(gone, total)

    def label_names(self, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        snapshot = self._view()
        names: set[str] = set()
        if matchers:
            head, mint, maxt = self._head, max(self._mint, MIN_TIME), min(self._maxt, MAX_TIME)
            match_ahead(head.postings, head.state_lock, matchers, unwatched)
            with head.state_lock:
                rows, _, _ = self._rows_in_head(snapshot, matchers, mint, maxt)
                names.update(head.postings.names_among(rows))
            for pairs in self._pairs_in_blocks(matchers, mint, maxt):
                names.update(head.names.strings[i] for i in distinct(pairs[0::2]).tolist())
        else:
            if self._head_in_range():
                with self._head.state_lock:
                    names.update(self._head.postings.label_names())
            for block in self._blocks(self._mint, self._maxt):
                names.update(block.label_names())
        return _cut(sorted(names), limit)

    def label_values(self, name: str, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        snapshot = self._view()
        values: set[str] = set()
        if matchers:
            head, mint, maxt = self._head, max(self._mint, MIN_TIME), min(self._maxt, MAX_TIME)
            match_ahead(head.postings, head.state_lock, matchers, unwatched)
            with head.state_lock:
                rows, _, _ = self._rows_in_head(snapshot, matchers, mint, maxt)
                among = head.postings.values_among(name, rows)
                label_sets = [head.store.pairs(rows)[1]] if among is None else []
            values.update(among or ())
            label_sets += self._pairs_in_blocks(matchers, mint, maxt)
            at, strings = head.names.find(name), head.symbols.strings
            for pairs in label_sets:
                values.update(strings[i] for i in distinct(pairs[1::2][pairs[0::2] == at]).tolist() if i)
        else:
            if self._head_in_range():
                with self._head.state_lock:
                    values.update(self._head.postings.label_values(name))
            for block in self._blocks(self._mint, self._maxt):
                values.update(block.label_values(name))
        return _cut(sorted(values), limit)

    def _pairs_in_blocks(
        self, matchers: Sequence[Matcher], mint: int, maxt: int
    ) -> list[npt.NDArray[np.int32]]:
        """The labels of matching series of each block, (name id, value id) by turns."""
        head = self._head
        chosen = [
            block.select(matchers, mint, maxt, head.names, head.symbols) for block in self._blocks(mint, maxt)
        ]
        return [found[1][1] for found in chosen if found is not None]

    def _head_in_range(self) -> bool:
        return self._head.min_time <= self._maxt and self._head.max_time >= self._mint


def _cut(values: list[str], limit: int) -> list[str]:
    return values[:limit] if limit > 0 else values


def _table(
    label_sets: list[LabelSets], numbers: list[Int64s], rows: int, names: Symbols, symbols: Symbols
) -> LabelTable:
    ids, matrix = label_columns(label_sets, numbers, rows, len(names))
    return LabelTable(symbols, {names.strings[n]: matrix[i] for i, n in enumerate(ids.tolist())}, rows)


def deleted_rows(gone: list[tuple[int, list[tuple[int, int]]]], rows: int) -> Deleted | None:
    """Deleted ranges as the read kernel wants them, from ``(row, ranges)`` pairs."""
    if not gone:
        return None
    gone.sort()
    counts = np.zeros(rows, dtype=np.int64)
    for row, ranges in gone:
        counts[row] = len(ranges)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    flat = [r for _, ranges in gone for r in ranges]
    return (
        offsets,
        np.array([r[0] for r in flat], dtype=np.int64),
        np.array([r[1] for r in flat], dtype=np.int64),
    )
