"""Go's literals: quoted strings, characters, numbers; and quoting back."""

from __future__ import annotations

import re

from vedette.model.values import parse_go_float
from vedette.template.nodes import Number


class LiteralError(ValueError):
    """A literal that Go refuses; `str()` is Go's complaint."""


_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|0[0-7_]*|[1-9][0-9_]*)\Z")
_MIN_INT, _MAX_INT, _MAX_UINT = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1


def unquote(text: str) -> str:
    """The string that a Go literal (``"..."`` or a raw one) stands for. Raises `LiteralError`."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "")
    return _unescape(text[1:-1], quote='"')


def _unescape(body: str, *, quote: str) -> str:
    if "\\" not in body:
        return body
    out = bytearray()
    at = 0
    while at < len(body):
        ch = body[at]
        at += 1
        if ch != "\\":
            out += ch.encode("utf-8", "replace")
            continue
        escape = body[at : at + 1]
        at += 1
        if escape in ("x", "u", "U"):
            digits = {"x": 2, "u": 4, "U": 8}[escape]
            code = body[at : at + digits]
            if len(code) != digits or not re.fullmatch(r"[0-9a-fA-F]+", code):
                raise LiteralError("invalid syntax")
            at += digits
            out += _rune(int(code, 16)) if escape != "x" else bytes((int(code, 16),))
        elif escape and escape in "01234567":
            code = body[at - 1 : at + 2]
            if not re.fullmatch(r"[0-3][0-7]{2}", code):
                raise LiteralError("invalid syntax")
            at += 2
            out.append(int(code, 8))
        elif escape in _ESCAPES and (escape not in "'\"" or escape == quote):
            out.append(_ESCAPES[escape])
        else:
            raise LiteralError("invalid syntax")
    return out.decode("utf-8", "replace")


def _rune(code: int) -> bytes:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise LiteralError("invalid syntax")
    return chr(code).encode()


def character(at: int, text: str) -> Number:
    """``'x'``: the number of the character."""
    try:
        body = _unescape(text[1:-1], quote="'")
    except LiteralError:
        body = ""
    if len(body) != 1:
        raise LiteralError(f"malformed character constant: {text}")
    return Number(at, text, ord(body), ord(body), float(ord(body)))


def number(at: int, text: str) -> Number:
    """A numeric constant; an int unless it is written as a float. Raises `LiteralError`."""
    if text.endswith("i"):
        try:
            return Number(at, text, complex(0, parse_go_float(text[:-1])), None, None)
        except ValueError:
            raise LiteralError(f"illegal number syntax: {quote(text)}") from None
    if _INTEGER.match(text):
        value = _integer(text)
        if not _MIN_INT <= value <= _MAX_UINT:
            raise LiteralError(f"integer overflow: {quote(text)}")
        return Number(at, text, value, value, float(value))
    try:
        real = parse_go_float(text.replace("_", ""))
    except ValueError:
        raise LiteralError(f"illegal number syntax: {quote(text)}") from None
    if not any(mark in text for mark in ".eEpP"):
        raise LiteralError(f"integer overflow: {quote(text)}")
    whole = int(real) if real.is_integer() and _MIN_INT <= real <= _MAX_INT else None
    return Number(at, text, real, whole, real)


def _integer(text: str) -> int:
    body = text.lower().replace("_", "")
    sign = -1 if body.startswith("-") else 1
    body = body.lstrip("+-")
    if len(body) > 1 and body[0] == "0" and body[1].isdigit():
        return sign * int(body, 8)
    return sign * int(body, 0)


def quote(text: str, *, ascii_only: bool = False) -> str:
    """`text` as Go's strconv.Quote writes it."""
    body = "".join('\\"' if ch == '"' else escape_rune(ch, ascii_only=ascii_only) for ch in text)
    return f'"{body}"'


_SHORT = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\"}


def escape_rune(ch: str, *, ascii_only: bool = False) -> str:
    code = ord(ch)
    if code in _SHORT:
        return _SHORT[code]
    if ch.isprintable() and (code < 128 or not ascii_only):
        return ch
    if code < 128:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
