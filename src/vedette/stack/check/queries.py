"""``log-queries.logql``: saved queries, one a paragraph; each must parse, and say what happens to odd lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from vedette.config.problems import Problem

_WHOLE_TEXT = re.compile(r'\|\s*(message|msg)\s*=\s*"([^"]*)"')
_ONE_STATUS = re.compile(r'\|\s*(status|code)\s*=\s*"(5\d\d)"')
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
        for message, hint in _doubts(query):
            yield Problem(str(path), line, 1, "", message, hint, "warning")


def _doubts(query: str) -> Iterator[tuple[str, str]]:
    number = _NUMBER_FILTER.search(query)
    if number and "__error__" not in query and "status" not in number[0]:
        condition = number[0].lstrip("| ")
        yield (
            f"a value that is no number passes `{condition}`, marked with __error__",
            'end the query with | __error__=""',
        )
    whole = _WHOLE_TEXT.search(query)
    if whole:
        hint = f'write |= "{whole[2]}" | json, or {whole[1]}=~".*{whole[2]}.*"'
        yield f'{whole[1]}="{whole[2]}" compares the whole text: a longer message is missed', hint
    status = _ONE_STATUS.search(query)
    if status:
        yield f'{status[1]}="{status[2]}" misses the other server errors', f"write {status[1]} >= 500"


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
