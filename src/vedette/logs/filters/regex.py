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
        raise RegexError(f"error parsing regexp: {reason}: `{pattern}`") from None


def check_regex(pattern: str) -> None:
    """Raises `RegexError` when RE2 refuses `pattern`."""
    compile_search(pattern)


def matching(batch: Batch, rows: Rows, pattern: str) -> Rows:
    """The `rows` of `batch` in which `pattern` is found."""
    search = compile_search(pattern).search
    found = [row for row in rows.tolist() if search(batch.line(row)) is not None]
    return np.array(found, dtype=np.int32)
