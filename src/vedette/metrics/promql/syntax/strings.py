"""String literals: Go's escapes in ``"..."`` and ``'...'``, nothing in backticks."""

from __future__ import annotations

import re

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\\"
)
# Digits and their base behind each letter of a numeric escape; an octal one has no letter.
_NUMERIC = {"x": (2, 16, 0xFF), "u": (4, 16, 0x10FFFF), "U": (8, 16, 0x10FFFF)}
_OCTAL = (3, 8, 0xFF)


class StringFault(ValueError):
    """A literal that never ends well. `end` is where reading stopped."""

    def __init__(self, message: str, end: int) -> None:
        super().__init__(message)
        self.end = end


def no_character(ch: str) -> bool:
    """Whether a character stands for bytes that are no UTF-8."""
    return ch == "\ufffd" or "\ud800" <= ch <= "\udfff"


def end_of_string(query: str, at: int) -> int:
    """Behind the closing quote of the literal that opens at `at`. Raises `StringFault` for the first thing amiss."""
    mark, size = query[at], len(query)
    raw = mark == "`"
    at += 1
    while at < size:
        ch = query[at]
        at += 1
        if ch == mark:
            return at
        if ch == "\\" and not raw:
            at = _end_of_escape(query, at, mark)
        elif no_character(ch):
            raise StringFault("invalid UTF-8 rune", at)
        elif ch == "\n" and not raw:
            raise StringFault("unterminated quoted string", at)
    raise StringFault(f"unterminated {'raw' if raw else 'quoted'} string", size)


def _end_of_escape(query: str, at: int, mark: str) -> int:
    ch = query[at : at + 1]
    if ch == "":
        raise StringFault("escape sequence not terminated", at)
    if ch in "abfnrtv\\" or ch == mark:
        return at + 1
    if ch in "01234567":
        count, base, most = _OCTAL
    elif ch in _NUMERIC:
        count, base, most = _NUMERIC[ch]
        at += 1
    else:
        raise StringFault(f"unknown escape sequence {_code_point(ch)}", at + 1)
    value = 0
    for end in range(at, at + count):
        digit = query[end : end + 1]
        if digit == "":
            raise StringFault("escape sequence not terminated", end)
        if digit not in "0123456789abcdefABCDEF"[: 8 if base == 8 else None]:
            raise StringFault(f"illegal character {_code_point(digit)} in escape sequence", end + 1)
        value = value * base + int(digit, base)
    if value > most or 0xD800 <= value < 0xE000:
        raise StringFault("escape sequence is an invalid Unicode code point", at + count)
    return at + count


def _code_point(ch: str) -> str:
    """A character as Go's %#U shows it."""
    if no_character(ch):
        ch = "\ufffd"
    shown = f" '{ch}'" if ch.isprintable() else ""
    return f"U+{ord(ch):04X}{shown}"


def unquote(literal: str) -> str:
    """The text of a quoted literal. Bytes that are no UTF-8 come out as surrogate escapes. Raises `ValueError`."""
    mark, body = literal[0], literal[1:-1]
    if mark == "`" or "\\" not in body:
        return body
    out = bytearray()
    at = 0
    for found in _ESCAPE.finditer(body):
        out += body[at : found.start()].encode("utf-8", "surrogateescape")
        at = found.end()
        simple, byte, octal, short, long = found.groups()
        if simple is not None:
            if simple in "'\"" and simple != mark:
                raise ValueError("invalid syntax")
            out += _SIMPLE[simple].encode()
        elif byte is not None:
            out.append(int(byte, 16))
        elif octal is not None:
            if int(octal, 8) > 255:
                raise ValueError("invalid syntax")
            out.append(int(octal, 8))
        elif short is not None or long is not None:
            code = int(short or long, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise ValueError("invalid syntax")
            out += chr(code).encode()
        else:
            raise ValueError("invalid syntax")
    out += body[at:].encode("utf-8", "surrogateescape")
    return out.decode("utf-8", "surrogateescape")
