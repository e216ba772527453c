"""A lenient reader of JSON, byte by byte, that stops where the original's does.

It looks at no more than it must: text after the closing brace and a comma before it are no faults, and a number is
whatever starts like one. Faults are `JsonFault` with the original's sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

OBJECT_FAULT = "Value looks like object, but can't find closing '}' symbol"
ARRAY_FAULT = "Value is array, but can't find closing ']' symbol"
STRING_FAULT = "Value is string, but can't find closing '\"' symbol"
UNKNOWN_FAULT = "Unknown value type"
JSON_FAULT = "Malformed JSON error"
ESCAPE_FAULT = "Encountered an invalid escape sequence in a string"

_SPACE = b" \n\r\t"
_TOKEN_END = frozenset(b" \n\r\t,}]")


class JsonFault(ValueError):
    """Where reading had to stop. `str()` is the sentence for `__error_details__`."""


def skip_space(data: bytes, at: int) -> int:
    """The first position from `at` on that is no white space; ``len(data)`` when there is none."""
    size = len(data)
    while at < size and data[at] in _SPACE:
        at += 1
    return at


def string_end(data: bytes, at: int) -> int:
    """The position of the quote that ends the string whose text starts at `at`, or -1."""
    while True:
        quote = data.find(b'"', at)
        if quote < 0:
            return -1
        slashes = quote - 1
        while slashes >= at and data[slashes] == 0x5C:
            slashes -= 1
        if (quote - slashes) % 2:
            return quote
        at = quote + 1


def block_end(data: bytes, at: int, opening: int, closing: int) -> int:
    """The position after the bracket that closes the one at `at`, or -1. Strings are skipped."""
    level, size = 0, len(data)
    while at < size:
        ch = data[at]
        if ch == 0x22:
            at = string_end(data, at + 1)
            if at < 0:
                return -1
        elif ch == opening:
            level += 1
        elif ch == closing:
            level -= 1
            if level == 0:
                return at + 1
        at += 1
    return -1


def read_value(data: bytes, at: int) -> tuple[str, bytes, int]:
    """``(kind, raw, end)`` of the value at or after `at`; the raw text of a string is without its quotes.

    Kinds: string, number, boolean, null, object, array.
    """
    at = skip_space(data, at)
    if at >= len(data):
        raise JsonFault(JSON_FAULT)
    ch = data[at]
    if ch == 0x22:
        end = string_end(data, at + 1)
        if end < 0:
            raise JsonFault(STRING_FAULT)
        return "string", data[at + 1 : end], end + 1
    if ch == 0x5B:
        end = block_end(data, at, 0x5B, 0x5D)
        if end < 0:
            raise JsonFault(ARRAY_FAULT)
        return "array", data[at:end], end
    if ch == 0x7B:
        end = block_end(data, at, 0x7B, 0x7D)
        if end < 0:
            raise JsonFault(OBJECT_FAULT)
        return "object", data[at:end], end
    end, size = at, len(data)
    while end < size and data[end] not in _TOKEN_END:
        end += 1
    raw = data[at:end]
    if raw in (b"true", b"false"):
        return "boolean", raw, end
    if raw == b"null":
        return "null", raw, end
    if ch in b"0123456789-":
        return "number", raw, end
    raise JsonFault(UNKNOWN_FAULT)


def members(data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """``(key, kind, raw)`` of every member of the object that `data` starts with, in order. Raises `JsonFault`."""
    at = skip_space(data, 0)
    if at >= len(data) or data[at] != 0x7B:
        raise JsonFault(OBJECT_FAULT)
    at = skip_space(data, at + 1)
    if at >= len(data):
        raise JsonFault(JSON_FAULT)
    while at < len(data):
        if data[at] == 0x7D:
            return
        if data[at] != 0x22:
            raise JsonFault(OBJECT_FAULT)
        end = string_end(data, at + 1)
        if end < 0:
            raise JsonFault(JSON_FAULT)
        raw_key = data[at + 1 : end]
        key = text_of(raw_key) if b"\\" in raw_key else raw_key.decode("utf-8", "replace")
        if key is None:
            raise JsonFault(ESCAPE_FAULT)
        at = skip_space(data, end + 1)
        if at >= len(data) or data[at] != 0x3A:
            raise JsonFault(JSON_FAULT)
        kind, raw, at = read_value(data, at + 1)
        yield key, kind, raw
        at = skip_space(data, at)
        if at >= len(data):
            raise JsonFault(ARRAY_FAULT)
        if data[at] == 0x7D:
            return
        if data[at] != 0x2C:
            raise JsonFault(OBJECT_FAULT)
        at = skip_space(data, at + 1)
        if at >= len(data):
            raise JsonFault(ARRAY_FAULT)
    raise JsonFault(OBJECT_FAULT)


_SIMPLE_ESCAPES = {
    0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
}  # fmt: skip


def text_of(raw: bytes) -> str | None:
    """The text of a JSON string without its quotes; None for a bad escape. What is not UTF-8 is left out."""
    if b"\\" not in raw:
        return _clean(raw.decode("utf-8", "replace"))
    out: list[str] = []
    at = 0
    while True:
        slash = raw.find(b"\\", at)
        if slash < 0:
            out.append(raw[at:].decode("utf-8", "replace"))
            return _clean("".join(out))
        out.append(raw[at:slash].decode("utf-8", "replace"))
        code = raw[slash + 1] if slash + 1 < len(raw) else -1
        if code in _SIMPLE_ESCAPES:
            out.append(_SIMPLE_ESCAPES[code])
            at = slash + 2
            continue
        first = _hex4(raw, slash)
        if first < 0:
            return None
        at = slash + 6
        if 0xD800 <= first <= 0xDFFF:
            second = _hex4(raw, at)
            if second < 0xDC00:
                return None
            first = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            at += 6
            if not 0 <= first <= 0x10FFFF:
                return None
        out.append(chr(first))


def _clean(text: str) -> str:
    return text.replace("�", "")


def _hex4(raw: bytes, at: int) -> int:
    """The code unit of ``\\uXXXX`` at `at`, or -1."""
    if raw[at : at + 2] != b"\\u":
        return -1
    digits = raw[at + 2 : at + 6]
    if len(digits) < 4 or any(d not in b"0123456789abcdefABCDEF" for d in digits):
        return -1
    return int(digits, 16)
