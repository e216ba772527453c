"""`| logfmt` makes a label of every ``key=value`` of a line.    {app="gateway"} | logfmt | duration > 1s

Lenient unless ``--strict``: a pair that is malformed is passed over. Empty values are dropped unless ``--keep-empty``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette.logs.parsers.json_scan import string_end, text_of

_KEY_END = re.compile(rb'[\x00-\x20="]')
_VALUE_END = re.compile(rb'[\x00-\x20="]')
_SPACE = re.compile(rb"[\x00-\x20]")
_NOT_SPACE = re.compile(rb"[^\x00-\x20]")
_FIELD_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")


class LogfmtFault(ValueError):
    """A malformed pair. `str()` is the sentence for `__error_details__`; `resume` is where to read on."""

    def __init__(self, position: int, what: str, resume: int) -> None:
        super().__init__(f"logfmt syntax error at pos {position + 1} : {what}")
        self.resume = resume


def check_key(key: str) -> None:
    """Raises `ValueError` with the original's sentence when `key` cannot be asked for."""
    for ch in key:
        if not (ch.isalnum() or ch in "_."):
            raise ValueError(f"unexpected char {ch}")
    if not key:
        raise ValueError("syntax error: unexpected $end, expecting KEY")


def pairs(line: bytes, *, strict: bool = False) -> Iterator[tuple[bytes, bytes | None]]:
    """``(key, value)`` in order; the value is None for a key without ``=``. Raises `LogfmtFault` only when `strict`."""
    at = 0
    while True:
        start = _NOT_SPACE.search(line, at)
        if start is None:
            return
        try:
            key, value, at = _pair(line, start.start())
        except LogfmtFault as fault:
            if strict:
                raise
            at = fault.resume
            continue
        yield key, value


def _pair(line: bytes, at: int) -> tuple[bytes, bytes | None, int]:
    end = _KEY_END.search(line, at)
    if end is None:
        return line[at:], None, len(line)
    mark, key = line[end.start()], line[at : end.start()]
    if mark <= 0x20:
        return key, None, end.start()
    if mark == 0x22 or not key:
        raise _unexpected(line, end.start())
    at = end.end()
    if line[at : at + 1] == b'"':
        close = string_end(line, at + 1)
        if close < 0:
            raise LogfmtFault(len(line), "unterminated quoted value", len(line))
        text = text_of(line[at + 1 : close])
        if text is None:
            raise LogfmtFault(close, "invalid quoted value", close + 1)
        return key, text.encode(), close + 1
    end = _VALUE_END.search(line, at)
    if end is None:
        return key, line[at:], len(line)
    if line[end.start()] > 0x20:
        raise _unexpected(line, end.start())
    return key, line[at : end.start()], end.start()


def _unexpected(line: bytes, at: int) -> LogfmtFault:
    space = _SPACE.search(line, at)
    return LogfmtFault(at, f"unexpected {chr(line[at])!r}", space.start() if space else len(line))
