"""LogQL text to tokens.

Identifiers and keywords share one kind: which word is a keyword depends on where it stands, and only the parser
knows. Durations and sizes are numbers with a unit, told apart by the unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vedette.logs.logql.syntax.errors import LogQLError
from vedette.logs.units import is_bytes, is_duration

MAX_QUERY_BYTES = 131072

_SPACE = re.compile(r"[ \t\r\n]+|#[^\n]*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUANTITY = re.compile(r"[0-9.][0-9A-Za-z.µμ]*")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_FLAG = re.compile(r"--(?:strict|keep-empty)\b")
_RANGE = re.compile(r"\[([^\]]*)\]")
_OPERATORS = (
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")", "[", "]", ",", "=", ">", "<",
    "|", "+", "-", "*", "/", "%", "^", ".",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is WORD, STRING, NUMBER, DURATION, BYTES, RANGE, FLAG, EOF or the operator itself."""

    kind: str
    text: str
    line: int
    column: int

    @property
    def name(self) -> str:
        """How an error message calls it."""
        if self.kind == "EOF":
            return "$end"
        if self.kind == "WORD":
            return self.text.lower() if self.text.lower() in KEYWORDS else "IDENTIFIER"
        return {"FLAG": "FUNCTION_FLAG"}.get(self.kind, self.kind)


KEYWORDS = frozenset(
    [
        "by",
        "without",
        "and",
        "or",
        "unless",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "bool",
        "offset",
        "unwrap",
        "json",
        "logfmt",
        "regexp",
        "pattern",
        "unpack",
        "line_format",
        "label_format",
        "decolorize",
        "drop",
        "keep",
        "ip",
    ]
)


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`, the last of kind EOF. Raises `LogQLError`."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_QUERY_BYTES:
        raise LogQLError(f"input size too long ({size} > {MAX_QUERY_BYTES})")
    tokens: list[Token] = []
    at, line, line_start = 0, 1, 0
    while True:
        while found := _SPACE.match(text, at):
            for offset, ch in enumerate(found[0]):
                if ch == "\n":
                    line, line_start = line + 1, at + offset + 1
            at = found.end()
        column = at - line_start + 1
        if at >= len(text):
            tokens.append(Token("EOF", "", line, column))
            return tokens
        kind, value, end = _next(text, at, line, column)
        tokens.append(Token(kind, value, line, column))
        for offset in range(at, end):
            if text[offset] == "\n":
                line, line_start = line + 1, offset + 1
        at = end


def _next(text: str, at: int, line: int, column: int) -> tuple[str, str, int]:
    ch = text[at]
    if ch in '"`':
        value, end = _string(text, at, line, column)
        return "STRING", value, end
    if ch == "[":
        found = _RANGE.match(text, at)
        if found is None:
            raise LogQLError("missing closing ']' in duration", 0, column)
        return "RANGE", found[1].strip(), found.end()
    if found := _WORD.match(text, at):
        return "WORD", found[0], found.end()
    if found := _FLAG.match(text, at):
        return "FLAG", found[0], found.end()
    if ch.isdigit() or (ch == "." and text[at + 1 : at + 2].isdigit()):
        return _quantity(text, at, line, column)
    for operator in _OPERATORS:
        if text.startswith(operator, at):
            return operator, operator, at + len(operator)
    raise LogQLError(
        f"syntax error: unexpected {ch}" if ch.isprintable() else "invalid character", line, column
    )


def _quantity(text: str, at: int, line: int, column: int) -> tuple[str, str, int]:
    found = _QUANTITY.match(text, at)
    assert found is not None
    word = found[0]
    if is_duration(word):
        return "DURATION", word, found.end()
    if is_bytes(word):
        return "BYTES", word, found.end()
    number = _NUMBER.match(text, at)
    assert number is not None
    return "NUMBER", number[0], number.end()


_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}


def _string(text: str, at: int, line: int, column: int) -> tuple[str, int]:
    """A raw or interpreted Go string literal that starts at `at`."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        if end < 0:
            raise LogQLError("literal not terminated", line, column)
        return text[at + 1 : end].replace("\r", ""), end + 1
    out = bytearray()
    i = at + 1
    while True:
        if i >= len(text) or text[i] == "\n":
            raise LogQLError("literal not terminated", line, column)
        ch = text[i]
        if ch == '"':
            break
        if ch != "\\":
            out += ch.encode("utf-8", "surrogatepass")
            i += 1
            continue
        piece, i = _escape(text, i, line, column)
        out += piece
    try:
        return out.decode("utf-8"), i + 1
    except UnicodeDecodeError:
        raise LogQLError("invalid UTF-8 encoding", line, column) from None


def _escape(text: str, i: int, line: int, column: int) -> tuple[bytes, int]:
    code = text[i + 1 : i + 2]
    if code in _ESCAPES and code:
        return _ESCAPES[code].encode(), i + 2
    if code in _HEX_ESCAPES and code:
        digits = text[i + 2 : i + 2 + _HEX_ESCAPES[code]]
        if len(digits) == _HEX_ESCAPES[code] and re.fullmatch(r"[0-9A-Fa-f]+", digits):
            value = int(digits, 16)
            if code == "x":
                return bytes([value]), i + 4
            if value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
                return chr(value).encode(), i + 2 + len(digits)
    octal = re.compile(r"[0-3][0-7]{2}").match(text, i + 1)
    if octal:
        return bytes([int(octal[0], 8)]), i + 4
    raise LogQLError("invalid char escape", line, column)
