"""Where lines go: colours when a person looks, plain text otherwise, and no complaint when the reader leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TextIO

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style

_LINES_AT_ONCE = 500


class Screen:
    """Lines to a stream. Colours and width are those of `rich`, so NO_COLOR, FORCE_COLOR and COLUMNS count."""

    def __init__(self, stream: TextIO) -> None:
        console = Console(file=stream)
        self._stream = stream
        self._colored = console.color_system is not None and not console.no_color
        self._styles: dict[str, Style] = {}
        self.is_terminal = console.is_terminal
        # Cut only for eyes: a pipe gets whole lines.
        self.width = console.width if console.is_terminal else None
        self.unicode = console.encoding.startswith("utf")

    def paint(self, text: str, style: str) -> str:
        """`text` in a style such as ``bold cyan``; as it is where there are no colours."""
        if not self._colored or not style or not text:
            return text
        found = self._styles.get(style)
        if found is None:
            found = self._styles[style] = Style.parse(style)
        return found.render(text, color_system=ColorSystem.STANDARD)

    def write(self, lines: Iterable[str]) -> None:
        rest = iter(lines)
        encoding = self._stream.encoding or "utf-8"
        while block := list(islice(rest, _LINES_AT_ONCE)):
            text = "\n".join(block) + "\n"
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()


@contextmanager
def patient_pipes() -> Iterator[None]:
    """Ends quietly with code 0 when the reader of the output has gone, as with ``| head``."""
    try:
        yield
    except BrokenPipeError:
        # The interpreter flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
