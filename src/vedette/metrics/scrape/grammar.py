"""What is wrong with one line of an exposition page, in the original's words.

The kernel says which line is wrong; here that line is read again, token by token, to find out why. Tokens are those
of Prometheus's two lexers, and so are their names in the messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vedette.kernels.decimal import parse_float
from vedette.kernels.exposition import OPENMETRICS

# What of a long line is shown.
_MOST_SHOWN = 1000

_METRIC = re.compile(rb"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(rb"[a-zA-Z_][a-zA-Z0-9_]*")
_QUOTED = re.compile(rb'"(?:\\[^\n]|[^\\"])*"')
_QUOTED_IN_LINE = re.compile(rb'"(?:\\[^\n]|[^\\"\n])*"')
_TYPES_TEXT = (b"counter", b"gauge", b"histogram", b"summary", b"untyped")
_TYPES_OPENMETRICS = (
    *(b"counter", b"gauge", b"histogram", b"gaugehistogram", b"summary", b"info", b"stateset"),
    b"unknown",
)


class _Fault(Exception):
    pass


def explain(body: bytes, start: int, syntax: int) -> str:
    """Why the line at `start` of `body` is refused."""
    if syntax == OPENMETRICS and start >= len(body):
        return "data does not end with # EOF"
    try:
        reader = _OpenMetrics(body, start) if syntax == OPENMETRICS else _Text(body, start)
        reader.line()
    except _Fault as fault:
        return str(fault)
    return f"invalid line while parsing: {shown(body[start : start + _MOST_SHOWN])}"


def shown(text: bytes) -> str:
    """Bytes as Go's ``%q`` prints them."""
    out = ['"']
    for char in text.decode("utf-8", "surrogateescape"):
        code = ord(char)
        if char in '"\\':
            out.append("\\" + char)
        elif char in "\n\t\r":
            out.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char])
        elif 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02x}")
        elif code < 0x20 or code == 0x7F:
            out.append(f"\\x{code:02x}")
        else:
            out.append(char)
    return "".join(out) + '"'


@dataclass
class _Token:
    name: str
    start: int
    end: int


class _Reader:
    """What both grammars share: labels and numbers."""

    quoted_value = _QUOTED
    commas_needed = False

    def __init__(self, body: bytes, start: int) -> None:
        self.body, self.start, self.at = body, start, start

    def blanks(self) -> None:
        """Skips what the grammar lets stand between tokens."""

    def peek(self) -> bytes:
        return self.body[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[bytes], name: str) -> _Token | None:
        found = pattern.match(self.body, self.at)
        if found is None or found.end() == self.at:
            return None
        token = _Token(name, self.at, found.end())
        self.at = found.end()
        return token

    def here(self) -> _Token:
        """The next character as a token, for a message."""
        char = self.peek()
        names = {b"": "EOF", b"\n": "LINEBREAK", b"{": "BOPEN", b"}": "BCLOSE", b"=": "EQUAL", b",": "COMMA"}
        return _Token(names.get(char, "INVALID"), self.at, min(self.at + 1, len(self.body)))

    def fault(self, expected: str, token: _Token | None = None) -> _Fault:
        token = token or self.here()
        got = self.body[token.start : token.end]
        line = self.body[self.start : min(token.end, self.start + _MOST_SHOWN)]
        return _Fault(
            f"{expected}, got {shown(got[:100])} ({shown(token.name.encode())}) while parsing: {shown(line)}"
        )

    def unnamed(self) -> _Fault:
        line = self.body[self.start : min(self.at, self.start + _MOST_SHOWN)]
        return _Fault(f"metric name not set while parsing: {shown(line)}")

    def labels(self, *, named: bool, exemplar: bool = False) -> bool:
        """Behind the opening brace, to behind the closing one. Whether the metric has a name."""
        while True:
            self.blanks()
            if self.peek() == b"}":
                self.at += 1
                return named
            quoted = self.take(_QUOTED_IN_LINE if exemplar else _QUOTED, "QSTRING")
            token = quoted or self.take(_LABEL, "LNAME")
            if token is None:
                raise self.fault("expected label name")
            self._utf8(token)
            self.blanks()
            if quoted and self.peek() in (b",", b"}"):
                if exemplar:
                    raise self.fault("expected label name")
                if named:
                    raise _Fault(
                        f"metric name already set while parsing: {shown(self.body[self.start : self.at])}"
                    )
                named = True
            else:
                if self.peek() != b"=":
                    raise self.fault("expected equal")
                self.at += 1
                self.blanks()
                value = self.take(self.quoted_value, "LVALUE")
                if value is None:
                    raise self.fault("expected label value")
                self._utf8(value)
                self.blanks()
            if self.peek() == b",":
                self.at += 1
            elif self.peek() != b"}" and self.commas_needed:
                raise self.fault("expected comma or brace close")

    def _utf8(self, token: _Token) -> None:
        text = self.body[token.start : token.end]
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            raise _Fault(f"invalid UTF-8 label value: {shown(text[:_MOST_SHOWN])}") from None

    def number(self, text: bytes) -> float:
        while_parsing = f"while parsing: {shown(self.body[self.start : self.at][:_MOST_SHOWN])}"
        if any(char in text for char in b"pP_"):
            raise _Fault(f"unsupported character in float {while_parsing}")
        try:
            return parse_float(text)
        except ValueError:
            raise _Fault(
                f"strconv.ParseFloat: parsing {shown(text[:100])}: invalid syntax {while_parsing}"
            ) from None
        except OverflowError:
            raise _Fault(
                f"strconv.ParseFloat: parsing {shown(text[:100])}: value out of range {while_parsing}"
            ) from None

    def metadata(self, word: str, text: bytes, name: bytes, types: tuple[bytes, ...]) -> None:
        if word == "TYPE" and text not in types:
            raise _Fault(f"invalid metric type {shown(text[:100])}")
        if word == "HELP":
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                raise _Fault(f"help text {shown(text[:_MOST_SHOWN])} is not a valid utf8 string") from None
        if word == "UNIT" and text and not (name.endswith(b"_" + text)):
            raise _Fault(f"unit {shown(text[:100])} not a suffix of metric {shown(name[:100])}")


class _Text(_Reader):
    _comment = re.compile(rb"#[ \t]+(?:(HELP|TYPE)[ \t]+)?")
    _value = re.compile(rb"[^{ \t\n]+")
    _digits = re.compile(rb"[0-9]+")

    def blanks(self) -> None:
        while self.peek() in (b" ", b"\t"):
            self.at += 1

    def line(self) -> None:
        if self.peek() == b"#":
            self._meta()
            return
        name = self.take(_METRIC, "MNAME")
        named = name is not None
        self.blanks()
        if self.peek() == b"{":
            self.at += 1
            named = self.labels(named=named)
            self.blanks()
        elif not named:
            raise self.fault("expected a valid start token")
        value = self.take(self._value, "VALUE")
        if not named:
            raise self.unnamed()
        if value is None:
            raise self.fault("expected value after metric")
        self.number(self.body[value.start : value.end])
        self.blanks()
        if self.peek() in (b"", b"\n"):
            return
        time = self.take(self._digits, "TIMESTAMP")
        if time is None:
            raise self.fault("expected timestamp or new record")
        digits = self.body[time.start : time.end]
        if int(digits[:20]) > (1 << 63) - 1 or len(digits.lstrip(b"0")) > 19:
            raise _Fault(
                f"strconv.ParseInt: parsing {shown(digits[:100])}: value out of range "
                f"while parsing: {shown(self.body[self.start : self.at][:_MOST_SHOWN])}"
            )
        self.blanks()
        if self.peek() not in (b"", b"\n"):
            raise self.fault("expected next entry after timestamp")

    def _meta(self) -> None:
        found = self._comment.match(self.body, self.at)
        if found is None or found[1] is None:
            return
        word = found[1].decode()
        self.at = found.end()
        token = self.take(_QUOTED_IN_LINE, "MNAME") or self.take(_METRIC, "MNAME")
        if token is None:
            raise self.fault(f"expected metric name after {word}")
        end = self.body.find(b"\n", self.at)
        text = self.body[self.at + 1 : len(self.body) if end < 0 else end] if self.peek() != b"\n" else b""
        self.metadata(word, text, b"", _TYPES_TEXT)


class _OpenMetrics(_Reader):
    quoted_value = _QUOTED_IN_LINE
    commas_needed = True
    _comment = re.compile(rb"# (HELP|TYPE|UNIT) ")
    _token = re.compile(rb" [^ \n]+")

    def line(self) -> None:
        if self.peek() == b"#":
            self._meta()
            return
        name = self.take(_METRIC, "MNAME")
        named = name is not None
        if self.peek() == b"{":
            self.at += 1
            named = self.labels(named=named)
        elif not named:
            raise self.fault("expected a valid start token")
        if not named:
            self.take(self._token, "VALUE")
            raise self.unnamed()
        self._value("metric")
        if self.peek() == b" " and not self.body.startswith(b" # {", self.at):
            self._time("timestamp", "expected timestamp or comment")
        if self.body.startswith(b" # {", self.at):
            self.at += 4
            self.labels(named=True, exemplar=True)
            self._value("exemplar labels")
            if self.peek() == b" ":
                self._time("exemplar timestamp", "expected timestamp or comment")
        if self.peek() == b"":
            raise _Fault("data does not end with # EOF")
        if self.peek() != b"\n":
            raise self.fault("expected next entry after timestamp")

    def _value(self, after: str) -> None:
        token = self.take(self._token, "VALUE")
        if token is None:
            raise self.fault(f"expected value after {after}")
        self.number(self.body[token.start + 1 : token.end])

    def _time(self, what: str, expected: str) -> None:
        token = self.take(self._token, "TIMESTAMP")
        if token is None:
            raise self.fault(expected)
        value = self.number(self.body[token.start + 1 : token.end])
        if value != value or value in (float("inf"), float("-inf")):
            text = "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
            raise _Fault(f"invalid {what} {text}")

    def _meta(self) -> None:
        if self.body.startswith(b"# EOF", self.at):
            raise _Fault("unexpected data after # EOF")
        found = self._comment.match(self.body, self.at)
        if found is None:
            raise self.fault("expected a valid start token")
        word = found[1].decode()
        self.at = found.end()
        token = self.take(_QUOTED_IN_LINE, "MNAME") or self.take(_METRIC, "MNAME")
        if token is None:
            raise self.fault(f"expected metric name after {word}")
        end = self.body.find(b"\n", self.at)
        if end < 0:
            raise _Fault("data does not end with # EOF")
        if self.peek() != b" ":
            raise _Fault(f"expected text in {word}, got INVALID")
        name = self.body[token.start : token.end].strip(b'"')
        self.metadata(word, self.body[self.at + 1 : end], name, _TYPES_OPENMETRICS)
