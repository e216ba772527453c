"""Which rows of the head carry which label value: compressed bitmaps, one per (name, value)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from vedette.algebra.table import Symbols
from vedette.metrics.tsdb.bitmap import bitmap
from vedette.metrics.tsdb.matching import Matches, Unmatched
from vedette.model.labels import Matcher, MatchOp

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]


# Selections of few rows are remembered; together they take some 3 MB at most.
_FEW_ROWS = 128
_REMEMBERED = 256


@dataclass(slots=True)
class Chosen:
    """What some matchers chose. `labels` and `columns` are filled in by whoever looks them up first."""

    version: int
    rows: Int64s
    labels: tuple[Int64s, Int32s] | None = None  # as the head's store gives them for `rows`
    columns: dict[str, Int32s] | None = None  # of the label table of `rows`


class Postings:
    """Not safe across threads: the head's lock guards it.

    A value that only one row has is kept as that row's number: most values of ids and paths are like that, and a
    bitmap costs some 200 bytes.
    """

    def __init__(self, names: Symbols, values: Symbols) -> None:
        self._names = names
        self._values = values
        self._by_name: dict[int, dict[int, int | BitMap]] = {}
        self._of_name: dict[int, BitMap] = {}
        self.matches = Matches(values)
        # Small selections, as dashboards and rules repeat them; good while no series comes or goes.
        self._chosen: OrderedDict[tuple[Matcher, ...], Chosen] = OrderedDict()
        self._version = 0
        self.all = BitMap()

    def add(self, rows: Int64s, offsets: Int64s, pairs: Int32s) -> None:
        """Enters `rows` whose labels are ``pairs[offsets[i]:offsets[i + 1]]``, (name id, value id) by turns."""
        if not len(rows):
            return
        self._version += 1
        self.all.update(bitmap(rows))
        for name, value, group in _groups(rows, offsets, pairs):
            values = self._by_name.get(name)
            if values is None:
                values = self._by_name[name] = {}
                self._of_name[name] = BitMap()
            self._of_name[name].update(group)
            known = values.get(value)
            if known is None:
                values[value] = int(group[0]) if len(group) == 1 else bitmap(group)
            elif isinstance(known, int):
                values[value] = bitmap(group)
                values[value].add(known)  # type: ignore[union-attr]
            else:
                known.update(group)

    def remove(self, rows: Int64s, offsets: Int64s, pairs: Int32s) -> None:
        """Forgets rows entered by `add` with the same labels."""
        if not len(rows):
            return
        self._version += 1
        self.all -= bitmap(rows)
        for name, value, group in _groups(rows, offsets, pairs):
            values = self._by_name.get(name)
            known = None if values is None else values.get(value)
            if values is None or known is None:
                continue
            gone = bitmap(group)
            self._of_name[name] -= gone
            if isinstance(known, int):
                left = known not in gone
            else:
                known -= gone
                values[value] = known
                left = len(known) > 0
            if not left:
                del values[value]
                self.matches.removed(name)
            if not values:
                del self._by_name[name], self._of_name[name]

    def choose(self, matchers: Sequence[Matcher]) -> Chosen:
        """As `select`; a small selection is remembered, with what is filled in."""
        key = tuple(matchers)
        known = self._chosen.get(key)
        if known is not None:
            if known.version == self._version:
                self._chosen.move_to_end(key)
                return known
            del self._chosen[key]
        found = Chosen(self._version, self.select(matchers))
        if len(found.rows) <= _FEW_ROWS:
            self._chosen[key] = found
            if len(self._chosen) > _REMEMBERED:
                self._chosen.popitem(last=False)
        return found

    def select(self, matchers: Sequence[Matcher]) -> Int64s:
        """The rows that satisfy every matcher, ascending."""
        within: list[BitMap] = []
        without: list[BitMap] = []
        for matcher in matchers:
            positive, rows = self._rows(matcher)
            if not positive:
                without.append(rows)
            elif rows:
                within.append(rows)
            else:
                return np.zeros(0, dtype=np.int64)
        if within:
            # The fewest first, which leaves the least to look through.
            within.sort(key=len)
            result = within[0]
            for rows in within[1:]:
                result = result & rows
        else:
            result = self.all
        for rows in without:
            result = result - rows
        return np.asarray(result.to_array(), dtype=np.int64)

    def names_among(self, rows: Int64s) -> list[str]:
        """The labels that some of `rows` have."""
        wanted = bitmap(rows)
        return [
            self._names.strings[name] for name, having in self._of_name.items() if wanted.intersect(having)
        ]

    def values_among(self, name: str, rows: Int64s) -> list[str] | None:
        """The values that `rows` have of a label; None where it has so many that the rows are better looked at."""
        at = self._names.find(name)
        values = self._by_name.get(at) if at is not None else None
        if values is None:
            return []
        if len(values) > len(rows) // 8:
            return None
        wanted = bitmap(rows)
        strings = self._values.strings
        return [
            strings[value]
            for value, having in values.items()
            if (having in wanted if isinstance(having, int) else wanted.intersect(having))
        ]

    def _rows(self, matcher: Matcher) -> tuple[bool, BitMap]:
        """``(True, rows that match)``, or ``(False, rows that don't)`` when a missing label matches."""
        name = self._names.find(matcher.name)
        values = self._by_name.get(name) if name is not None else None
        if matcher.op is MatchOp.EQUAL and matcher.value:
            at = self._values.find(matcher.value)
            having = None if values is None or at is None else values.get(at)
            return True, _union(() if having is None else (having,))
        positive = not matcher.matches("")
        if name is None or values is None:
            return positive, BitMap()
        literals = matcher.literals
        if literals is not None and positive:
            ids = [self._values.find(text) for text in literals]
            found = [i for i in ids if i is not None and i in values]
        else:
            found = self.matches.found(matcher, name, values, positive)
            if len(found) == len(values):
                return positive, self._of_name[name]
        return positive, _union(values[i] for i in found)

    def unmatched(self, matcher: Matcher, more_than: int) -> Unmatched | None:
        """The values to be matched before `select` can answer, when they are more than so many."""
        name = self._names.find(matcher.name)
        values = self._by_name.get(name) if name is not None else None
        positive = not matcher.matches("")
        if name is None or values is None or (positive and matcher.literals is not None):
            return None
        return self.matches.unmatched(matcher, name, values, positive, more_than)

    def label_names(self) -> list[str]:
        return [self._names.strings[i] for i in self._by_name]

    def label_values(self, name: str) -> list[str]:
        at = self._names.find(name)
        values = self._by_name.get(at) if at is not None else None
        return [self._values.strings[i] for i in values] if values else []

    def counts(self) -> list[tuple[str, dict[str, int]]]:
        """``(name, {value: series})`` of every label, for statistics."""
        names, values = self._names.strings, self._values.strings
        return [
            (names[n], {values[v]: 1 if isinstance(rows, int) else len(rows) for v, rows in of.items()})
            for n, of in self._by_name.items()
        ]


def _union(parts: Iterable[int | BitMap]) -> BitMap:
    single: list[int] = []
    maps: list[BitMap] = []
    for part in parts:
        if isinstance(part, int):
            single.append(part)
        else:
            maps.append(part)
    if single:
        maps.append(BitMap(single))
    if len(maps) < 2:
        return maps[0] if maps else BitMap()
    return BitMap.union(*maps)


def _groups(
    rows: Int64s, offsets: Int64s, pairs: Int32s
) -> Iterable[tuple[int, int, npt.NDArray[np.uint32]]]:
    """The rows of each (name, value) in `pairs`."""
    names, values = pairs[0::2].astype(np.int64), pairs[1::2]
    owner = np.repeat(rows.astype(np.uint32), np.diff(offsets) // 2)
    key = (names << 32) | values
    order = np.argsort(key, kind="stable")
    key, owner = key[order], owner[order]
    cuts = np.flatnonzero(np.diff(key)) + 1
    starts = np.concatenate(([0], cuts)) if len(key) else np.zeros(0, dtype=np.int64)
    ends = np.concatenate((cuts, [len(key)])) if len(key) else starts
    first = key[starts]
    for name, value, lo, hi in zip(
        (first >> 32).tolist(),
        (first & 0xFFFFFFFF).tolist(),
        starts.tolist(),
        ends.tolist(),
        strict=True,
    ):
        yield name, value, owner[lo:hi]
