"""What can be told of a regular expression without running it."""

from __future__ import annotations

import re
from functools import lru_cache

_META = frozenset(".+*?()[]{}^$|\\")
# Escapes of punctuation stand for the character itself.
_PLAIN_ESCAPE = re.compile(r"\\([^A-Za-z0-9\s])")
# Whatever might match a line end, or tie a match to the ends of the text.
_CROSSES_LINES = re.compile(r"\\[sDWnxCAzpPQE0-7rfv]|\[\^|\[\[:|\(\?[a-zA-Z]*s|\^|\$|[\x00-\x1f]|\\t-")
_FOLDED = re.compile(r"\(\?i\)([^.+*?()\[\]{}^$|\\]+)\Z")


def whole_literal(pattern: str) -> bytes | None:
    """The text that `pattern` stands for when it is nothing but that text."""
    text = _PLAIN_ESCAPE.sub(r"\1", pattern)
    bare = _PLAIN_ESCAPE.sub("", pattern)
    return text.encode() if text and not _META.intersection(bare) else None


def folded_literal(pattern: str) -> bytes | None:
    """The lower-case ASCII text that ``(?i)text`` looks for."""
    found = _FOLDED.match(pattern)
    return found[1].lower().encode() if found and found[1].isascii() else None


@lru_cache(maxsize=1024)
def required_literal(pattern: str) -> bytes:
    """The longest text that every match of `pattern` is sure to hold; empty when that is not plain to see."""
    if "|" in pattern or "(?" in pattern:
        return b""
    runs, run, depth, i = [""], "", 0, 0
    while i < len(pattern):
        ch = pattern[i]
        if ch == "\\":
            code = pattern[i + 1 : i + 2]
            piece, i = ("" if code.isalnum() or not code else code), i + 2
            if code in ("x", "p", "P", "Q", "E") or code.isdigit():
                return b""
        elif ch == "[":
            end = pattern.find("]", i + 2)
            piece, i = "", (end + 1 if end > 0 else len(pattern))
            if "[[:" in pattern or "\\]" in pattern:
                return b""
        elif ch == "{":
            # Counts of a repetition are no text.
            end = pattern.find("}", i)
            piece, i = "", (end + 1 if end > 0 else len(pattern))
        elif ch in "()":
            depth += 1 if ch == "(" else -1
            piece, i = "", i + 1
        elif ch in _META:
            piece, i = "", i + 1
        else:
            piece, i = ch, i + 1
        optional = pattern[i : i + 1] in ("*", "?", "{") and pattern[i : i + 1] != ""
        if piece and not depth and not optional:
            run += piece
            if pattern[i : i + 1] == "+":
                runs.append(run)
                run = ""
        else:
            runs.append(run)
            run = ""
    return max([*runs, run], key=len).encode()


def stays_in_line(pattern: str) -> bool:
    """Whether a search through many lines at once finds in each what a search of that line alone would find."""
    return _CROSSES_LINES.search(pattern) is None
