"""Many label sets as columns of interned integers.

A `LabelTable` is to labels what an array is to numbers: row `i` is a series, and a label is an ``int32`` column of
value ids. Grouping, joining and dropping labels are integer operations on columns; text appears again only where a
person or a protocol reads it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vedette.kernels import group_rows
from vedette.model.labels import Labels

Ids = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]


class Symbols:
    """Interned label values. Id 0 is the empty value, which means "label absent". Grows only; safe across threads."""

    __slots__ = ("_ids", "_lock", "strings")

    def __init__(self) -> None:
        self.strings: list[str] = [""]
        self._ids: dict[str, int] = {"": 0}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.strings)

    def intern(self, text: str) -> int:
        known = self._ids.get(text)
        if known is not None:
            return known
        with self._lock:
            known = self._ids.get(text)
            if known is None:
                known = len(self.strings)
                self.strings.append(text)
                self._ids[text] = known
            return known

    def intern_all(self, texts: Iterable[str]) -> Ids:
        return np.fromiter((self.intern(text) for text in texts), dtype=np.int32)

    def lists(self) -> tuple[list[str], list[str], int]:
        """The values for a kernel: ids from the number on stand in the second list, less that number."""
        return self.strings, [], 1 << 30

    def find(self, text: str) -> int | None:
        """The id of `text`, or None when no series has it."""
        return self._ids.get(text)


class LabelTable:
    """`rows` label sets over one `Symbols`. Columns are never written to after construction.

    `columns` maps a label name to ``int32[rows]`` of value ids, 0 where the row lacks the label. A name whose column is
    all zero may be left out.
    """

    __slots__ = ("columns", "rows", "symbols")

    def __init__(self, symbols: Symbols, columns: Mapping[str, Ids], rows: int) -> None:
        self.symbols = symbols
        self.columns = dict(columns)
        self.rows = rows

    @classmethod
    def from_labels(cls, symbols: Symbols, sets: Sequence[Labels]) -> LabelTable:
        columns: dict[str, Ids] = {}
        for row, labels in enumerate(sets):
            for name, value in labels:
                column = columns.get(name)
                if column is None:
                    column = columns[name] = np.zeros(len(sets), dtype=np.int32)
                column[row] = symbols.intern(value)
        return cls(symbols, columns, len(sets))

    @classmethod
    def one_empty(cls, symbols: Symbols) -> LabelTable:
        """One row without labels, as `vector(1)` has."""
        return cls(symbols, {}, 1)

    def __len__(self) -> int:
        return self.rows

    def labels(self, row: int) -> Labels:
        strings = self.symbols.strings
        return Labels((name, strings[column[row]]) for name, column in self.columns.items() if column[row])

    def __iter__(self) -> Iterator[Labels]:
        return (self.labels(row) for row in range(self.rows))

    def value(self, row: int, name: str) -> str:
        column = self.columns.get(name)
        return "" if column is None else self.symbols.strings[column[row]]

    def column(self, name: str) -> Ids:
        found = self.columns.get(name)
        return np.zeros(self.rows, dtype=np.int32) if found is None else found

    def take(self, rows: Rows | slice) -> LabelTable:
        columns = {name: column[rows] for name, column in self.columns.items()}
        count = len(range(*rows.indices(self.rows))) if isinstance(rows, slice) else len(rows)
        return LabelTable(self.symbols, columns, count)

    def keep(self, names: Iterable[str]) -> LabelTable:
        wanted = frozenset(names)
        return LabelTable(self.symbols, {n: c for n, c in self.columns.items() if n in wanted}, self.rows)

    def drop(self, names: Iterable[str]) -> LabelTable:
        gone = frozenset(names)
        return LabelTable(self.symbols, {n: c for n, c in self.columns.items() if n not in gone}, self.rows)

    def with_column(self, name: str, ids: Ids) -> LabelTable:
        return LabelTable(self.symbols, self.columns | {name: ids}, self.rows)

    def group(self) -> tuple[Rows, Rows]:
        """Groups equal rows over all columns.

        Returns ``(group_of_row, first_row_of_group)``: ``int64[rows]`` with numbers 0..groups-1 in order of first
        appearance, and ``int64[groups]``.
        """
        if self.rows == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        columns = [c for c in self.columns.values() if c.any()]
        if not columns:
            return np.zeros(self.rows, dtype=np.int64), np.zeros(1, dtype=np.int64)
        groups = np.empty(self.rows, dtype=np.int64)
        firsts = np.empty(self.rows, dtype=np.int64)
        found = group_rows.group(np.ascontiguousarray(np.stack(columns)), groups, firsts)
        return groups, firsts[:found].copy()

    @staticmethod
    def concat(tables: Sequence[LabelTable]) -> LabelTable:
        """The rows of all `tables` one after another. All must share one `Symbols`."""
        rows = sum(t.rows for t in tables)
        names: dict[str, None] = {}
        for table in tables:
            names.update(dict.fromkeys(table.columns))
        columns = {name: np.concatenate([t.column(name) for t in tables]) for name in names}
        return LabelTable(tables[0].symbols, columns, rows)

    def translate(self, symbols: Symbols) -> LabelTable:
        """The same label sets with ids of another `Symbols`."""
        if symbols is self.symbols:
            return self
        columns: dict[str, Ids] = {}
        for name, column in self.columns.items():
            used, inverse = np.unique(column, return_inverse=True)
            ids = symbols.intern_all(self.symbols.strings[i] for i in used)
            columns[name] = ids[inverse]
        return LabelTable(symbols, columns, self.rows)
