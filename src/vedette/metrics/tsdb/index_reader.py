"""A block's index file: symbols, postings and series entries, read from a mapping. Bytes: FORMAT.md."""

from __future__ import annotations

import bisect
import mmap
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from vedette.algebra.distinct import distinct
from vedette.algebra.table import Symbols
from vedette.kernels.crc32c import crc32c
from vedette.kernels.tsdb_block import parse_postings_table, parse_strings
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.bitmap import bitmap
from vedette.metrics.tsdb.matching import chunked, unwatched
from vedette.model.labels import Matcher

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]

INDEX_MAGIC = 0xBAAAD700
INDEX_VERSION = 2
TOC_BYTES = 52
_CACHED_POSTINGS = 256
_CACHED_MATCHERS = 64


class IndexReader:
    """Safe across threads. Raises `StorageError` naming the file when it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise StorageError(f"{path}: {error}") from error
        self._read_header()
        start, _, end = self._section(self._toc[0], "symbol table")
        (count,) = struct.unpack_from(">I", self.data, start)
        try:
            self._symbol_at, self._symbol_length = parse_strings(self.content, start + 4, end, count)
        except ValueError as error:
            raise StorageError(f"{path}: {error}") from error
        # Symbol number -> id in the store's vocabulary, -1 while nobody asked.
        self._value_ids = np.full(count, -1, dtype=np.int32)
        self._name_ids = np.full(count, -1, dtype=np.int32)
        self._lock = threading.Lock()
        self._names: dict[str, tuple[int, int]] | None = None
        self._values: dict[str, list[str]] = {}
        self._table = np.zeros((0, 5), dtype=np.int64)
        self._postings: OrderedDict[int, BitMap] = OrderedDict()
        # Blocks never change: what a matcher chose once, it chooses again.
        self._matched: OrderedDict[Matcher, BitMap] = OrderedDict()

    def _read_header(self) -> None:
        data = self.data
        if len(data) < 5 + TOC_BYTES:
            raise StorageError(f"{self.path}: {len(data)} bytes are too few for an index")
        magic, version = struct.unpack_from(">IB", data, 0)
        if magic != INDEX_MAGIC:
            raise StorageError(f"{self.path}: magic number {magic:08x}, expected {INDEX_MAGIC:08x}")
        if version != INDEX_VERSION:
            raise StorageError(
                f"{self.path}: index version {version}, expected {INDEX_VERSION} (Prometheus 2.0 to 2.1 wrote 1)"
            )
        toc = data[-TOC_BYTES:]
        *sections, want = struct.unpack(">6QI", toc)
        if crc32c(toc[:-4]) != want:
            raise StorageError(f"{self.path}: the table of contents has a wrong checksum")
        self._toc: list[int] = sections

    def _section(self, at: int, what: str) -> tuple[int, int, int]:
        """``(body start, length, body end)`` of a length-prefixed section."""
        if at <= 0 or at + 4 > len(self.data):
            raise StorageError(f"{self.path}: the {what} lies beyond the file")
        (length,) = struct.unpack_from(">I", self.data, at)
        if at + 4 + length + 4 > len(self.data):
            raise StorageError(f"{self.path}: the {what} is cut off")
        (want,) = struct.unpack_from(">I", self.data, at + 4 + length)
        if crc32c(memoryview(self.data)[at + 4 : at + 4 + length]) != want:
            raise StorageError(f"{self.path}: the {what} has a wrong checksum")
        return at + 4, length, at + 4 + length

    @property
    def content(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.data, dtype=np.uint8)

    def symbol(self, number: int) -> str:
        if not 0 <= number < len(self._symbol_at):
            raise StorageError(f"{self.path}: symbol {number} of {len(self._symbol_at)}")
        at = int(self._symbol_at[number])
        return self.data[at : at + int(self._symbol_length[number])].decode("utf-8", "surrogateescape")

    @property
    def symbol_count(self) -> int:
        return len(self._symbol_at)

    def symbol_table_bytes(self) -> int:
        return self._symbol_at.nbytes + self._symbol_length.nbytes

    def translate(self, pairs: Int32s, names: Symbols, values: Symbols) -> Int32s:
        """Symbol numbers (name, value by turns) as ids of the store's vocabularies."""
        if len(pairs) and int(pairs.max()) >= self.symbol_count:
            raise StorageError(f"{self.path}: a series names a symbol that does not exist")
        out = np.empty_like(pairs)
        out[0::2] = self._translate(pairs[0::2], self._name_ids, names)
        out[1::2] = self._translate(pairs[1::2], self._value_ids, values)
        return out

    def _translate(self, numbers: Int32s, ids: Int32s, vocabulary: Symbols) -> Int32s:
        found = ids[numbers]
        missing = found < 0
        if missing.any():
            for number in distinct(numbers[missing]).tolist():
                ids[number] = vocabulary.intern(self.symbol(number))
            found = ids[numbers]
        return found

    # ---- postings ----

    def _load_table(self) -> dict[str, tuple[int, int]]:
        """Label name -> its range of entries in the postings offset table."""
        with self._lock:
            if self._names is not None:
                return self._names
            start, _, end = self._section(self._toc[5], "postings offset table")
            (count,) = struct.unpack_from(">I", self.data, start)
            try:
                table = parse_postings_table(self.content, start + 4, end, count)
            except ValueError as error:
                raise StorageError(f"{self.path}: {error}") from error
            self._table = table
            names: dict[str, tuple[int, int]] = {}
            at = 0
            while at < count:
                name = self.data[int(table[at, 0]) : int(table[at, 0] + table[at, 1])]
                low = at
                at = self._end_of_name(table, at, name)
                names[name.decode("utf-8", "surrogateescape")] = (low, at)
            self._names = names
            return names

    def _end_of_name(self, table: Int64s, low: int, name: bytes) -> int:
        # Entries are sorted by name: gallop, then bisect.
        step = 1
        while low + step < len(table) and self._name_at(table, low + step) == name:
            step *= 2
        high = min(low + step, len(table))
        return bisect.bisect_right(range(low, high), name, key=lambda i: self._name_at(table, i)) + low

    def _name_at(self, table: Int64s, i: int) -> bytes:
        return self.data[int(table[i, 0]) : int(table[i, 0] + table[i, 1])]

    def label_names(self) -> list[str]:
        return [name for name in self._load_table() if name]

    def label_values(self, name: str) -> list[str]:
        """Sorted values of a label."""
        bounds = self._load_table().get(name)
        if bounds is None or not name:
            return []
        known = self._values.get(name)
        if known is None:
            rows = self._table[bounds[0] : bounds[1]].tolist()
            known = [
                self.data[at : at + length].decode("utf-8", "surrogateescape") for _, _, at, length, _ in rows
            ]
            self._values[name] = known
        return known

    def postings_at(self, offset: int) -> BitMap:
        cached = self._postings.get(offset)
        if cached is not None:
            return cached
        start, length, _ = self._section(offset, "postings list")
        (count,) = struct.unpack_from(">I", self.data, start)
        if length < 4 + 4 * count:
            raise StorageError(f"{self.path}: a postings list is cut off")
        ids = np.frombuffer(self.data, dtype=">u4", count=count, offset=start + 4)
        found = bitmap(ids)
        with self._lock:
            self._postings[offset] = found
            if len(self._postings) > _CACHED_POSTINGS:
                self._postings.popitem(last=False)
        return found

    def all_postings(self) -> BitMap:
        bounds = self._load_table().get("")
        return self.postings_at(int(self._table[bounds[0], 4])) if bounds else BitMap()

    def select(self, matchers: Sequence[Matcher], check: Callable[[], None] = unwatched) -> BitMap:
        """Series ids (entry offset / 16) that satisfy every matcher. `check` may raise, to end a long search."""
        names = self._load_table()
        chosen: BitMap | None = None
        without: list[BitMap] = []
        for matcher in matchers:
            positive = not matcher.matches("")
            bounds = names.get(matcher.name) if matcher.name else None
            rows = self._rows(matcher, bounds, positive, check) if bounds else BitMap()
            if not positive:
                without.append(rows)
            else:
                chosen = rows if chosen is None else chosen & rows
                if not chosen:
                    return chosen
        result = self.all_postings() if chosen is None else chosen
        for rows in without:
            result = result - rows
        return result

    def _rows(
        self, matcher: Matcher, bounds: tuple[int, int], wanted: bool, check: Callable[[], None]
    ) -> BitMap:
        cached = self._matched.get(matcher)
        if cached is None:
            cached = self._union(matcher, bounds, wanted, check)
            with self._lock:
                self._matched[matcher] = cached
                if len(self._matched) > _CACHED_MATCHERS:
                    self._matched.popitem(last=False)
        return cached

    def _union(
        self, matcher: Matcher, bounds: tuple[int, int], wanted: bool, check: Callable[[], None]
    ) -> BitMap:
        values = self.label_values(matcher.name)
        literals = matcher.literals
        if literals is not None and wanted:
            found = []
            for text in literals:
                i = bisect.bisect_left(values, text)
                if i < len(values) and values[i] == text:
                    found.append(i)
        else:
            found = []
            for part in chunked(range(len(values)), check):
                found += [i for i in part if matcher.matches(values[i]) is wanted]
        maps = [self.postings_at(int(self._table[bounds[0] + i, 4])) for i in found]
        if not maps:
            return BitMap()
        return maps[0] if len(maps) == 1 else BitMap.union(*maps)
