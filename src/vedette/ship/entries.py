"""Lines on their way, in columns.

A `Batch` holds lines of one origin, read at one time. Stages change it in place; row `i` of every column belongs to
the same entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Mark:
    """How far a file has been read with a batch. Counted down by each client that is done with it."""

    path: str
    inode: int
    device: int
    offset: int
    waiting: int = 1


@dataclass(slots=True)
class Batch:
    """Entries in order of reading.

    `labels` holds a label set a row; rows of a file share one `dict` until a stage changes theirs, so a stage that
    changes labels must replace the row's dict, not write to it. `extracted` is None until a stage needs it.
    """

    lines: list[str]
    timestamps: list[int]  # nanoseconds
    labels: list[dict[str, str]]
    extracted: list[dict[str, Any]] | None = None
    marks: list[Mark] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def scratch(self) -> list[dict[str, Any]]:
        """The extracted values of each row, seeded with its labels."""
        if self.extracted is None:
            self.extracted = [dict(labels) for labels in self.labels]
        return self.extracted

    def keep(self, rows: list[bool]) -> None:
        """Drops the rows that are False."""
        self.lines = [v for v, kept in zip(self.lines, rows, strict=True) if kept]
        self.timestamps = [v for v, kept in zip(self.timestamps, rows, strict=True) if kept]
        self.labels = [v for v, kept in zip(self.labels, rows, strict=True) if kept]
        if self.extracted is not None:
            self.extracted = [v for v, kept in zip(self.extracted, rows, strict=True) if kept]


def text_of(value: Any) -> str:
    """An extracted value as text, as a label or a line takes it."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return ""
    if isinstance(value, float):
        from vedette.model.values import format_value

        return format_value(value)
    return str(value)
