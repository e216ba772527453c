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


def unquote(literal: str) -> str:
    """The text of a quoted literal. Bytes that are no UTF-8 come out as surrogate escapes. Raises `ValueError`."""
    mark, body = literal[0], literal[1:-1]
    if mark == "`":
        return body.replace("\r", "")
    if "\\" not in body:
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
