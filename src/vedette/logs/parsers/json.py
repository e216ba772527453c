"""`| json` makes a label of every string, number and boolean of a line.    {app="api"} | json | status >= 500

Nested objects are flattened with `_`; arrays and null are left out.
"""

from __future__ import annotations

from collections.abc import Callable

from vedette.kernels import logjson
from vedette.logs.parsers.json_scan import JsonFault, members, text_of
from vedette.logs.parsers.names import sanitize

_SCALAR = 3
Emit = Callable[[str, str], None]


def parse_fields(line: bytes, emit: Emit) -> str | None:
    """Calls ``emit(name, value)`` for every field of `line` in order; returns what was wrong, if anything was.

    Fields before the fault have been emitted.
    """
    known = logjson.fields(line)
    if known is not None:
        for name, kind, raw in known:
            emit(name, raw.decode("utf-8", "replace") if kind == _SCALAR else text_of(raw) or "")
        return None
    return parse_plainly(line, emit)


def parse_plainly(line: bytes, emit: Emit) -> str | None:
    """`parse_fields` without its kernel: also for lines that are no well-formed object."""
    try:
        _walk(line, "", emit)
    except JsonFault as fault:
        return str(fault)
    except RecursionError:
        return "Value is nested too deeply"
    return None


def _walk(data: bytes, prefix: str, emit: Emit) -> None:
    for key, kind, raw in members(data):
        if kind in ("array", "null"):
            continue
        part = sanitize(key, first=not prefix)
        if not part:
            continue
        name = f"{prefix}_{part}" if prefix else part
        if kind == "object":
            _walk(raw, name, emit)
        elif kind == "string":
            emit(name, text_of(raw) or "")
        else:
            emit(name, raw.decode("utf-8", "replace"))
