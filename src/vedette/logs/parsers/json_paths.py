"""`| json a, b="x.y[0]"` makes labels of the named parts of a line only.    {app="api"} | json first="tags[0]"

A missing part is an empty label; an object or array is its own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from vedette.logs.parsers.json_scan import JsonFault, read_value, skip_space, string_end, text_of

Path = tuple[str | int, ...]

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INDEX = re.compile(r"\d+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class PathError(ValueError):
    """A path that cannot be read. `str()` is the original's sentence."""


@lru_cache(maxsize=1024)
def parse_path(text: str) -> Path:
    """The steps of ``a.b[0]["c.d"]``: keys and indexes. Raises `PathError`."""
    steps: list[str | int] = []
    at = 0
    expecting = "LSB or FIELD"
    while True:
        at = _blank(text, at)
        if at >= len(text):
            if expecting in ("LSB or FIELD", "FIELD"):
                raise PathError(f"syntax error: unexpected $end, expecting {expecting}")
            return tuple(steps)
        ch = text[at]
        if ch == "[" and expecting != "FIELD":
            step, at = _subscript(text, _blank(text, at + 1))
            steps.append(step)
        elif ch == "." and steps and expecting == "":
            at, expecting = at + 1, "FIELD"
            continue
        elif (found := _FIELD.match(text, at)) and expecting:
            steps.append(found[0])
            at = found.end()
        else:
            tail = f", expecting {expecting}" if expecting else ""
            raise PathError(f"syntax error: unexpected {_called(text, at)}{tail}")
        expecting = ""


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def _subscript(text: str, at: int) -> tuple[str | int, int]:
    step: str | int
    if found := _INDEX.match(text, at):
        step = int(found[0])
    elif found := _QUOTED.match(text, at):
        step = text_of(found[1].encode()) or ""
    else:
        raise PathError(f"syntax error: unexpected {_called(text, at)}, expecting STRING or INDEX")
    at = _blank(text, found.end())
    if text[at : at + 1] != "]":
        raise PathError(f"syntax error: unexpected {_called(text, at)}, expecting RSB")
    return step, at + 1


def _called(text: str, at: int) -> str:
    if at >= len(text):
        return "$end"
    names = {".": "DOT", "[": "LSB", "]": "RSB", '"': "STRING"}
    if text[at].isdigit():
        return "INDEX"
    return names.get(text[at]) or ("FIELD" if _FIELD.match(text, at) else text[at])


def parse_paths(
    line: bytes, fields: Sequence[tuple[str, Path]], emit: Callable[[str, str | None], None]
) -> str | None:
    """Calls ``emit(name, value)`` for every one of `fields`, with None for a missing part; returns what was wrong with the line.

    The empty string is a fault without details: the line does not begin like an object, an array or a string, and then
    nothing is emitted.
    """
    if line[:1] not in (b"{", b"[", b'"'):
        return ""
    fault = None
    for name, path in fields:
        value = None
        try:
            value = _find(line, path)
        except JsonFault as error:
            fault = fault or str(error)
        emit(name, value)
    return fault


def _find(data: bytes, path: Path) -> str | None:
    """The text at `path`, None when it is not there."""
    for step in path:
        found = _member(data, step) if isinstance(step, str) else _element(data, step)
        if found is None:
            return None
        data = found
    kind, raw, _ = read_value(data, 0)
    if kind == "string":
        return text_of(raw) or ""
    return "" if kind == "null" else raw.decode("utf-8", "replace")


def _member(data: bytes, key: str) -> bytes | None:
    """The text from the value of the first member `key` on. Looks only at keys of this object, and leniently."""
    at = skip_space(data, 0)
    if data[at : at + 1] != b"{":
        return None
    at, level, size = at + 1, 1, len(data)
    while at < size:
        ch = data[at]
        if ch == 0x22:
            end = string_end(data, at + 1)
            if end < 0:
                return None
            colon = skip_space(data, end + 1)
            if level == 1 and data[colon : colon + 1] == b":":
                if text_of(data[at + 1 : end]) == key:
                    return data[skip_space(data, colon + 1) :]
                at = colon
            else:
                at = end
        elif ch in b"{[":
            level += 1
        elif ch in b"}]":
            level -= 1
            if level == 0:
                return None
        at += 1
    return None


def _element(data: bytes, index: int) -> bytes | None:
    at = skip_space(data, 0)
    if data[at : at + 1] != b"[":
        return None
    at = skip_space(data, at + 1)
    while at < len(data) and data[at : at + 1] != b"]":
        _, _, end = read_value(data, at)
        if index == 0:
            return data[at:]
        index -= 1
        at = skip_space(data, end)
        if data[at : at + 1] != b",":
            return None
        at = skip_space(data, at + 1)
    return None
