"""What can be said of a line without parsing it: the cheap necessary conditions of a query.

A line that fails one of them cannot be in the answer; one that passes may or may not be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vedette.logs.batch import DETECTED_LEVEL, Batch, Rows
from vedette.logs.filters import regex
from vedette.logs.filters.contains import containing, union
from vedette.logs.logql.run.entry import ERROR, ERROR_DETAILS
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import NotSupported

_WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]+")
_NOT_PARSED = frozenset((ERROR, ERROR_DETAILS, DETECTED_LEVEL))
_REPLACEMENT = "�".encode()


@dataclass(frozen=True, slots=True)
class Equals:
    """The line must hold `needle` for label `name` to have it as its value, unless it is written with escapes."""

    name: str
    needle: bytes


@dataclass(frozen=True, slots=True)
class Prefilter:
    """`lines` are filters that stand before the line is rewritten; `equals` come from label filters after a parser."""

    lines: tuple[n.LineFilter, ...]
    equals: tuple[Equals, ...]

    @classmethod
    def of(cls, stages: Sequence[n.Stage]) -> Prefilter:
        """Raises `NotSupported` for line filters of later releases."""
        lines: list[n.LineFilter] = []
        equals: list[Equals] = []
        parsed = False
        for stage in stages:
            match stage:
                case n.LineFilter():
                    if stage.op in ("|>", "!>") or any(needle.ip for needle in stage.needles):
                        raise NotSupported(f"the line filter `{stage}`")
                    lines.append(stage)
                case n.JsonStage() | n.LogfmtStage():
                    parsed = True
                case n.LabelFilter() if parsed:
                    equals += _equalities(stage.condition)
                case n.LineFormat() | n.OtherStage():
                    break
        return cls(tuple(lines), tuple(equals))

    def words(self, hidden_values: bool, known_labels: frozenset[str]) -> tuple[bytes, ...]:
        """Whole words that a block must hold to have a matching line."""
        words: list[bytes] = []
        for stage in self.lines:
            if stage.op == "|=" and len(stage.needles) == 1:
                words += _inner_words(stage.needles[0].text.encode())
        if not hidden_values:
            for equal in self.equals:
                if equal.name not in known_labels:
                    words += _WORD.findall(equal.needle)
        return tuple(dict.fromkeys(words))

    def rows(self, batch: Batch, known_labels: frozenset[str]) -> Rows:
        """The rows of `batch` that may be in the answer, ascending.

        `known_labels` are names that the stream or some metadata of the batch already has.
        """
        rows: Rows = np.arange(len(batch), dtype=np.int32)
        for stage in self.lines:
            rows = filter_rows(batch, rows, stage)
        for equal in self.equals:
            if len(rows) and equal.name not in known_labels:
                rows = union(
                    containing(batch, rows, needle) for needle in (equal.needle, b"\\", _REPLACEMENT)
                )
        return rows


def _equalities(condition: n.Condition) -> list[Equals]:
    match condition:
        case n.And(left, right):
            return _equalities(left) + _equalities(right)
        case n.StringCondition(matcher) if matcher.op == "=" and matcher.value:
            needle = matcher.value.encode()
            # A character that JSON must escape never stands in the line as itself.
            if not any(c < 0x20 or c in b'"\\' for c in needle) and matcher.name not in _NOT_PARSED:
                return [Equals(matcher.name, needle)]
    return []


def _inner_words(needle: bytes) -> list[bytes]:
    """Words of `needle` that no longer word of a line can swallow: those with a boundary on both sides."""
    return [m[0] for m in _WORD.finditer(needle) if m.start() > 0 and m.end() < len(needle)]


def filter_rows(batch: Batch, rows: Rows, stage: n.LineFilter) -> Rows:
    """The `rows` that a line filter keeps: exactly."""
    if not len(rows):
        return rows
    texts = [needle.text for needle in stage.needles]
    if stage.op in ("|=", "!="):
        kept = union(containing(batch, rows, text.encode()) for text in texts)
    else:
        kept = union(regex.matching(batch, rows, text) for text in texts)
    if stage.op in ("!=", "!~"):
        return np.setdiff1d(rows, kept, assume_unique=True).astype(np.int32)
    return kept
