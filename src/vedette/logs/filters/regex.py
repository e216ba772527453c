"""`|~ "re"` keeps lines in which the RE2 expression is found, `!~` the others.    {app="api"} |~ "(?i)timeout" """

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import re2

from vedette.kernels import loglines
from vedette.logs.batch import Batch, Rows
from vedette.logs.filters.contains import containing, union
from vedette.logs.filters.literals import folded_literal, required_literal, stays_in_line, whole_literal
from vedette.model.labels import RegexError


@lru_cache(maxsize=1024)
def compile_search(pattern: str) -> Any:
    """RE2 of `pattern` over bytes, unanchored; a dot does not match a line end. Raises `RegexError`."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = 64 << 20
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0] if error.args else "invalid"
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        raise RegexError(f"error parsing regexp: {_go_words(reason, pattern)}") from None


# RE2 for C++ words its refusals otherwise than RE2 for Go.
_GO_WORDS = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid named capture group": "invalid named capture",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "bad repetition operator": "invalid nested repetition operator",
}


def _go_words(reason: str, pattern: str) -> str:
    kind, _, part = reason.partition(": ")
    if kind == "missing )":
        part = pattern
    return f"{_GO_WORDS.get(kind, kind)}: `{part or pattern}`"


def check_regex(pattern: str) -> None:
    """Raises `RegexError` when RE2 refuses `pattern`."""
    compile_search(pattern)


# A text this long is in few lines; a shorter one is not worth looking for first.
_TELLING = 4


def matching(batch: Batch, rows: Rows, pattern: str) -> Rows:
    """The `rows` of `batch` in which `pattern` is found."""
    if not len(rows):
        return rows
    literal = whole_literal(pattern)
    if literal is not None:
        return containing(batch, rows, literal)
    folded = folded_literal(pattern)
    if folded is not None:
        return _folded(batch, rows, folded, pattern)
    required = required_literal(pattern)
    whole = len(rows) == len(batch) and len(required) < _TELLING
    # Lines that hold line ends themselves would be cut.
    if whole and stays_in_line(pattern) and batch.buffer.count(b"\n") == len(batch):
        return _through(batch, pattern)
    return _one_by_one(batch, containing(batch, rows, required), pattern)


def _one_by_one(batch: Batch, rows: Rows, pattern: str) -> Rows:
    search = compile_search(pattern).search
    found = [row for row in rows.tolist() if search(batch.line(row)) is not None]
    return np.array(found, dtype=np.int32)


def _through(batch: Batch, pattern: str) -> Rows:
    """Searches the whole buffer, going on behind each line that has a match."""
    search, buffer, starts = compile_search(pattern).search, batch.buffer, batch.starts
    found: list[int] = []
    at = 0
    while at < len(buffer):
        hit = search(buffer, at)
        if hit is None:
            break
        row = int(np.searchsorted(starts, hit.start(), side="right")) - 1
        found.append(row)
        at = int(batch.ends[row]) + 1
    return np.array(found, dtype=np.int32)


def _folded(batch: Batch, rows: Rows, needle: bytes, pattern: str) -> Rows:
    """Without regard to case: by bytes in ASCII lines; the others may hold letters that fold to ASCII ones."""
    high = np.empty(len(rows), dtype=np.uint8)
    loglines.has_high_bytes(batch.buffer, batch.starts, batch.ends, rows, high)
    plain = rows[high == 0]
    out = np.empty(len(plain), dtype=np.int32)
    count = loglines.contains_folded(batch.buffer, batch.starts, batch.ends, plain, needle, out)
    return union((out[:count], _one_by_one(batch, rows[high != 0], pattern)))
