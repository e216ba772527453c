"""`|~ "re"` keeps lines in which the RE2 expression is found, `!~` the others.    {app="api"} |~ "(?i)timeout" """

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import re2

from vedette.logs.batch import Batch, Rows
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


def matching(batch: Batch, rows: Rows, pattern: str) -> Rows:
    """The `rows` of `batch` in which `pattern` is found."""
    search = compile_search(pattern).search
    found = [row for row in rows.tolist() if search(batch.line(row)) is not None]
    return np.array(found, dtype=np.int32)
