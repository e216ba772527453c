"""Labels of many lines as columns: filtering and grouping without touching lines one by one.

A plan covers the stages of a query up to the first it cannot do in columns. It says of each row of a batch that it is
*kept*, dropped, or *in doubt*: then `entry.RowPipeline` decides, line by line. Doubt is rare: malformed lines, values
that are no numbers where numbers are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vedette.kernels import logjson, loglogfmt, logspans
from vedette.logs.batch import Batch, Rows
from vedette.logs.filters.quantity import COMPARE_COLUMNS, read_quantity
from vedette.logs.logql.run.entry import ERROR, ERROR_DETAILS, EXTRACTED
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.parsers.json_scan import text_of

Mask = npt.NDArray[np.bool_]
_ESCAPED, _SCALAR = 2, 3
_MAX_NAMES = 64


@dataclass(frozen=True, slots=True)
class Column:
    """A label of the rows at hand: row `i` has ``texts[ids[i]]``, None where it has no such label."""

    ids: npt.NDArray[np.int32]
    texts: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`rows` are kept, `doubt` are to be decided; both ascending. `view` has the labels of `rows`."""

    rows: Rows
    doubt: Rows
    view: View
    kept: Mask

    def groups(self, names: Sequence[str]) -> tuple[npt.NDArray[np.int64], list[tuple[str, ...]]]:
        """For each of `rows` the number of its group by the labels `names`, and their values in each group."""
        key = np.zeros(len(self.rows), dtype=np.int64)
        columns = []
        for name in names:
            column = self.view.column(name)
            ids = column.ids[self.kept].astype(np.int64)
            columns.append((ids, column.texts))
            if len(columns) > 1:
                # Renumbering keeps the product of the sizes small.
                _, key = np.unique(key, return_inverse=True)
            key = key * (len(column.texts) + 1) + ids
        _, first, numbers = np.unique(key, return_index=True, return_inverse=True)
        values = [tuple(texts[ids[row]] or "" for ids, texts in columns) for row in first.tolist()]
        return numbers.astype(np.int64), values


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """`complete` says that no stage is left when all `conditions` hold; `names` are the labels to read."""

    parser: n.JsonStage | n.LogfmtStage | None
    conditions: tuple[n.Condition, ...]
    names: tuple[str, ...]
    complete: bool

    @classmethod
    def of(cls, stages: Sequence[n.Stage], grouped_by: Sequence[str] = ()) -> ColumnPlan:
        parser: n.JsonStage | n.LogfmtStage | None = None
        conditions: list[n.Condition] = []
        complete = True
        for stage in stages:
            match stage:
                case n.LineFilter():
                    continue
                case n.JsonStage() | n.LogfmtStage() if parser is None and not conditions:
                    named = [name for name, _ in stage.fields]
                    if named and (isinstance(stage, n.JsonStage) or len(set(named)) < len(named)):
                        complete = False
                        break
                    parser = stage
                case n.LabelFilter() if _columnar(stage.condition):
                    conditions.append(stage.condition)
                case _:
                    complete = False
                    break
        names = dict.fromkeys(name for c in conditions for name in _names(c))
        names.update(dict.fromkeys(grouped_by))
        if len(names) > _MAX_NAMES or any(name.endswith(EXTRACTED) for name in names):
            return cls(None, (), (), False)
        return cls(parser, tuple(conditions), tuple(names), complete)

    @property
    def useful(self) -> bool:
        """Whether the plan can drop any line at all."""
        return bool(self.conditions)

    def narrow(
        self, batch: Batch, rows: Rows, stream: Mapping[str, str], *, faults_matter: bool = True
    ) -> Narrowed:
        """`rows` must have passed the line filters. Without `faults_matter` a malformed line is like any other."""
        view = View(batch, rows, stream, self.parser, self.names, faults_matter)
        kept = np.ones(len(rows), dtype=bool)
        doubt = ~view.clean
        for condition in self.conditions:
            holds, unsure = _evaluate(condition, view)
            kept &= holds
            doubt |= unsure
        kept &= ~doubt
        return Narrowed(rows[kept], rows[doubt], view, kept)


class View:
    """The labels of `rows` of a batch, read when they are asked for."""

    def __init__(
        self,
        batch: Batch,
        rows: Rows,
        stream: Mapping[str, str],
        parser: n.JsonStage | n.LogfmtStage | None,
        names: Sequence[str],
        faults_matter: bool,
    ) -> None:
        self._batch, self._rows, self._stream = batch, rows, stream
        # Of labels that the stream has, the parsed ones are shown under another name.
        wanted = [name for name in names if name not in stream and name not in (ERROR, ERROR_DETAILS)]
        self._places = {name: place for place, name in enumerate(wanted)}
        self._columns: dict[str, Column] = {}
        self.clean: Mask = np.ones(len(rows), dtype=bool)
        self._starts = self._ends = np.empty((0, 0), dtype=np.int32)
        self._kinds = np.empty((0, 0), dtype=np.uint8)
        # A label that is asked for by name is empty when the line lacks it, others are missing then.
        self._asked_for = frozenset(name for name, _ in parser.fields) if parser is not None else frozenset()
        self._parsed = parser is not None and bool(len(rows))
        if parser is None or not len(rows):
            return
        clean = np.ones(len(rows), dtype=np.uint8)
        if wanted:
            self._extract(parser, wanted, clean)
        elif faults_matter:
            self._check(parser, clean)
        self.clean = clean.view(np.bool_)

    def _extract(
        self, parser: n.JsonStage | n.LogfmtStage, wanted: Sequence[str], clean: npt.NDArray[np.uint8]
    ) -> None:
        batch, rows = self._batch, self._rows
        paths = dict(parser.fields)
        keys = [paths.get(name, "") if parser.fields else name for name in wanted]
        data = [key.encode() for key in keys]
        ends = np.cumsum([len(key) for key in data], dtype=np.int32)
        starts = (ends - np.array([len(key) for key in data], dtype=np.int32)).astype(np.int32)
        shape = (len(wanted), len(rows))
        self._starts = np.empty(shape, dtype=np.int32)
        self._ends = np.empty(shape, dtype=np.int32)
        self._kinds = np.zeros(shape, dtype=np.uint8)
        found = (self._starts, self._ends, self._kinds, clean)
        names = b"".join(data) or b"\0"
        if isinstance(parser, n.JsonStage):
            logjson.extract(batch.buffer, batch.starts, batch.ends, rows, names, starts, ends, *found)
            return
        keep_empty = parser.keep_empty or bool(parser.fields)
        flags = (parser.strict, keep_empty, not parser.fields)
        loglogfmt.extract(batch.buffer, batch.starts, batch.ends, rows, names, starts, ends, *flags, *found)

    def _check(self, parser: n.JsonStage | n.LogfmtStage, clean: npt.NDArray[np.uint8]) -> None:
        batch = self._batch
        if isinstance(parser, n.JsonStage):
            logjson.check(batch.buffer, batch.starts, batch.ends, self._rows, clean)
        elif parser.strict:
            self._extract(parser, ["\0"], clean)

    def column(self, name: str) -> Column:
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._column(name)
        return found

    def _column(self, name: str) -> Column:
        if name in self._stream:
            return Column(np.zeros(len(self._rows), dtype=np.int32), [self._stream[name]])
        parsed = self._parsed_column(name)
        sets = self._batch.meta_sets
        values = [next((value for key, value in meta if key == name), None) for meta in sets]
        if all(value is None for value in values):
            return parsed
        # Metadata hides what was parsed, row by row.
        of_meta = np.array(
            [-1 if value is None else len(parsed.texts) + i for i, value in enumerate(values)], dtype=np.int32
        )[self._batch.metas[self._rows]]
        return Column(np.where(of_meta >= 0, of_meta, parsed.ids), [*parsed.texts, *values])

    def _parsed_column(self, name: str) -> Column:
        place = self._places.get(name)
        if place is None or not self._parsed:
            return Column(np.zeros(len(self._rows), dtype=np.int32), [None])
        starts, ends, kinds = self._starts[place], self._ends[place], self._kinds[place]
        count = len(starts)
        table = np.full(1 << max(4, (2 * count).bit_length()), -1, dtype=np.int32)
        ids, first = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
        buffer = self._batch.buffer
        distinct = logspans.number_distinct(buffer, starts, ends, kinds, table, ids, first)
        texts: list[str | None] = ["" if name in self._asked_for else None]
        for at in first[:distinct].tolist():
            raw = buffer[starts[at] : ends[at]]
            text = raw.decode("utf-8", "replace") if kinds[at] == _SCALAR else text_of(raw)
            texts.append((text or "").replace("�", ""))
        return Column(ids, texts)

    def numbers(self, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]] | None:
        """Values and states (0 none, 1 number, 2 other) of a label that only the parser makes; else None."""
        place = self._places.get(name)
        if place is None or not self._parsed or name in self._asked_for:
            return None
        if any(key == name for meta in self._batch.meta_sets for key, _ in meta):
            return None
        out = np.zeros(len(self._rows))
        state = np.zeros(len(self._rows), dtype=np.uint8)
        starts, ends, kinds = self._starts[place], self._ends[place], self._kinds[place]
        logspans.read_numbers(self._batch.buffer, starts, ends, kinds, out, state)
        return out, state


# ---- conditions --------------------------------------------------------------------------------------------------


def _columnar(condition: n.Condition) -> bool:
    match condition:
        case n.And(left, right) | n.Or(left, right):
            return _columnar(left) and _columnar(right)
        case n.IpCondition():
            return False
    return True


def _names(condition: n.Condition) -> list[str]:
    match condition:
        case n.And(left, right) | n.Or(left, right):
            return _names(left) + _names(right)
        case n.StringCondition(matcher):
            return [matcher.name]
    return [condition.name]


def _evaluate(condition: n.Condition, view: View) -> tuple[Mask, Mask]:
    """Which rows satisfy the condition, and for which that is not known."""
    match condition:
        case n.And():
            left, doubt = _evaluate(condition.left, view)
            right, more = _evaluate(condition.right, view)
            return left & right, doubt | more
        case n.Or():
            left, doubt = _evaluate(condition.left, view)
            right, more = _evaluate(condition.right, view)
            return left | right, doubt | more
        case n.StringCondition(matcher):
            column = view.column(matcher.name)
            holds = np.array([matcher.matches(text or "") for text in column.texts], dtype=bool)[column.ids]
            return holds, np.zeros(len(holds), dtype=bool)
        case n.NumberCondition():
            return _compare(condition, view)
    raise AssertionError(f"BUG: a condition without columns: {condition!r}")


def _compare(condition: n.NumberCondition, view: View) -> tuple[Mask, Mask]:
    compare = COMPARE_COLUMNS[condition.op]
    if condition.kind == "number":
        read = view.numbers(condition.name)
        if read is not None:
            values, state = read
            return (state == 1) & compare(values, condition.value), state == 2
    column = view.column(condition.name)
    states = np.zeros(len(column.texts), dtype=np.uint8)
    quantities = np.zeros(len(column.texts))
    for number, text in enumerate(column.texts):
        if text is None:
            continue
        try:
            quantities[number] = read_quantity(condition.kind, text)
            states[number] = 1
        except ValueError:
            states[number] = 2
    holds = (states == 1) & compare(quantities, condition.value)
    return holds[column.ids], (states == 2)[column.ids]
