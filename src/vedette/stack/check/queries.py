"""``log-queries.logql``: saved queries, one a paragraph; each must parse, and say what happens to odd lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from vedette.config.problems import Problem

_NUMBER_FILTER = re.compile(r"\|\s*\w+\s*(?:>=|<=|>|<)\s*[0-9.]+\w*")


def check_queries(path: Path) -> Iterator[Problem]:
    """Problems of a file of LogQL queries."""
    from vedette.logs.logql.syntax.errors import LogQLError
    from vedette.logs.logql.syntax.parser import parse_query

    for line, query in queries_in(path.read_text(encoding="utf-8", errors="replace")):
        try:
            parse_query(query)
        except LogQLError as error:
            yield Problem(str(path), line, 1, "", str(error), f"in: {query}")
            continue
        found = _NUMBER_FILTER.search(query)
        if found and "__error__" not in query and "status" not in found[0]:
            yield Problem(
                str(path), line, 1, "",
                f"a value that is no number passes `{found[0].lstrip('| ')}`, marked with __error__",
                'end the query with | __error__=""', "warning",
            )  # fmt: skip


def queries_in(text: str) -> Iterator[tuple[int, str]]:
    """(line number, query): paragraphs without their comment lines."""
    start, lines = 0, []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.strip() and not line.lstrip().startswith("#"):
            start = start or number
            lines.append(line)
        elif not line.strip() and lines:
            yield start, "\n".join(lines)
            start, lines = 0, []
