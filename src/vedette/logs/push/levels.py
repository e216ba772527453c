"""The level of a line: from its labels, its metadata, a field of the line, or a word in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vedette.kernels import loglevels
from vedette.logs.batch import Batch, Meta
from vedette.logs.parsers.json_scan import JsonFault, members
from vedette.logs.parsers.logfmt import pairs
from vedette.model.labels import Labels

UNKNOWN = "unknown"
LEVELS = ("unknown", "trace", "debug", "info", "warn", "error", "critical", "fatal")

_NAMES: Mapping[bytes, str] = {
    b"trace": "trace", b"trc": "trace", b"debug": "debug", b"dbg": "debug", b"info": "info", b"inf": "info",
    b"information": "info", b"warn": "warn", b"wrn": "warn", b"warning": "warn", b"error": "error", b"err": "error",
    b"critical": "critical", b"fatal": "fatal",
}  # fmt: skip
# A word of its own: after a blank, a quote, a bracket or `=`, and not followed by a word character or a backslash.
_WORD = re.compile(
    rb"""(?:(?<=[\s"'\[({<=|,;*>-])|^)(trace|debug|info|warning|warn|error|err|critical|fatal)(?![A-Za-z0-9_\\])""",
    re.IGNORECASE,
)
# Objects within objects that are looked into for a level; `loglevels` has the same.
_MAX_DEPTH = 2
_ODD = 255
_SPACES = b" \t\n\v\f\r\x85\xa0"


def normalise(level: str) -> str:
    """The usual name of `level`, or `level` itself."""
    return _NAMES.get(level.lower().encode(), level)


def level_of_labels(labels: Labels, fields: Sequence[str]) -> str | None:
    """The level that the labels of a stream name, or None."""
    for name in fields:
        if name in labels:
            return normalise(labels[name])
    return None


def level_of_meta(meta: Meta, fields: Sequence[str]) -> str | None:
    """The level that metadata names, also as OpenTelemetry's severity number; or None."""
    values = dict(meta)
    for name in fields:
        if name in values:
            return normalise(values[name])
    number = values.get("severity_number")
    if not number:
        return None
    if not number.lstrip("+-").isdigit():
        return "info"
    severity = int(number)
    if not 0 < severity <= 24:
        return UNKNOWN
    return ("trace", "debug", "info", "warn", "error", "fatal")[(severity - 1) // 4]


def level_of_line(line: bytes, fields: Sequence[str]) -> str:
    """The level that a line names: in a field when it is JSON or has ``=``, else (or failing that) as a word."""
    stripped = line.strip(_SPACES)
    value: bytes | None = None
    if stripped[:1] == b"{" and stripped[-1:] == b"}":
        value = _json_level(line, frozenset(fields), 0)
    elif b"=" in line:
        value = _logfmt_level(line, [field.lower().encode() for field in fields])
    if value is not None:
        named = _NAMES.get(value.lower())
        if named:
            return named
    word = _WORD.search(line)
    return _NAMES[word[1].lower()] if word else UNKNOWN


class LevelReader:
    """The levels of many lines at once. `fields` are the names that may hold one."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = tuple(fields)
        names = [field.encode() for field in self._fields]
        self._ends = np.cumsum([len(name) for name in names], dtype=np.int32)
        self._starts = (self._ends - np.array([len(name) for name in names], dtype=np.int32)).astype(np.int32)
        self._text = b"".join(names)

    def read(self, batch: Batch) -> npt.NDArray[np.uint8]:
        """For every line a place in `LEVELS`."""
        out = np.empty(len(batch), dtype=np.uint8)
        if not len(batch):
            return out
        lower = self._text.lower()
        loglevels.detect(
            batch.buffer, batch.starts, batch.ends, self._text, lower, self._starts, self._ends, out
        )
        for row in np.flatnonzero(out == _ODD).tolist():
            out[row] = LEVELS.index(level_of_line(batch.line(row), self._fields))
        return out


def _json_level(data: bytes, fields: frozenset[str], depth: int) -> bytes | None:
    if depth == _MAX_DEPTH:
        return None
    try:
        for key, kind, raw in members(data):
            if kind == "string" and key in fields:
                return raw
            if kind == "object":
                found = _json_level(raw, fields, depth + 1)
                if found is not None:
                    return found
    except JsonFault:
        pass
    return None


def _logfmt_level(line: bytes, fields: Sequence[bytes]) -> bytes | None:
    best, value = len(fields), None
    for key, text in pairs(line):
        key = key.lower()
        if key in fields and (at := fields.index(key)) < best:
            best, value = at, text or b""
    return value
