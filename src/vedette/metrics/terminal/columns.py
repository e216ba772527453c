"""Aligned columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vedette.metrics.terminal.screen import Screen
from vedette.metrics.terminal.text import fit, left, right, shown, width

GUTTER = 2
# A column is not cut below this.
LEAST = 8


@dataclass(slots=True)
class Column:
    title: str
    cells: Sequence[str]
    style: str = ""
    numeric: bool = False  # right aligned, and never cut
    raw: bool = False  # spaces at the ends are part of it, as in pictures


def columns_of(columns: Sequence[Column], screen: Screen) -> Iterator[str]:
    """A line of titles and a line for each row. Cut to the terminal's width; anywhere else lines are whole."""
    safe = [[cell if column.raw else shown(cell) for cell in column.cells] for column in columns]
    widths = [
        max([width(shown(column.title)), *map(width, cells)])
        for column, cells in zip(columns, safe, strict=True)
    ]
    if screen.width is not None:
        _narrow(columns, widths, screen.width)
    titles = [shown(column.title) for column in columns]
    if any(titles):
        yield _line(columns, titles, widths, screen, style="bold")
    for row in zip(*safe, strict=True):
        yield _line(columns, row, widths, screen)


def _line(
    columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int], screen: Screen, style: str = ""
) -> str:
    parts = []
    for column, cell, room in zip(columns, cells, widths, strict=True):
        text = fit(cell, room)
        padded = right(text, room) if column.numeric else left(text, room)
        parts.append(screen.paint(padded, style or column.style))
    return (" " * GUTTER).join(parts).rstrip(" ")


def _narrow(columns: Sequence[Column], widths: list[int], room: int) -> None:
    """Takes from the widest text columns until all fit."""
    open_to_cuts = [i for i, column in enumerate(columns) if not column.numeric and not column.raw]
    too_much = sum(widths) + GUTTER * (len(widths) - 1) - room
    while too_much > 0:
        widest = max(open_to_cuts, key=lambda i: widths[i], default=None)
        if widest is None or widths[widest] <= LEAST:
            return
        widths[widest] -= 1
        too_much -= 1
