"""Why `vedette query` has nothing to show.

AskFailed            `str()` is the sentence for the user
├── QueryRefused     the server understood and refused; knows the kind of error and the place in the query
└── WrongArgument    a time, step or option that can't be
"""

from __future__ import annotations

import re

_PLACE = re.compile(r"\b(\d+):(\d+): parse error: ")


class AskFailed(Exception):
    """Nobody there, no answer, or no answer that makes sense."""


class WrongArgument(AskFailed):
    """What was typed beside the query can't be."""


class QueryRefused(AskFailed):
    """The server's own error. `kind` is its `errorType`."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        self.message = message
        super().__init__(f"{kind}: {message}" if kind else message)

    def caret(self, query: str) -> str:
        """The line of `query` that the error names, with a caret beneath the place; empty when it names none.

        Columns count bytes from 1, as the originals count them.
        """
        found = _PLACE.search(self.message)
        lines = query.split("\n")
        if found is None or int(found[1]) > len(lines):
            return ""
        line = lines[int(found[1]) - 1]
        before = line.encode("utf-8", "surrogateescape")[: int(found[2]) - 1]
        from vedette.metrics.terminal.text import shown, width

        return f"{shown(line)}\n{' ' * width(shown(before.decode('utf-8', 'replace')))}^"
