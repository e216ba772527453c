"""Where a number or a duration ends, as the original decides it: whatever begins like one must be one.

What is found need not be a number yet (``1.2.3`` isn't, ``.5.5`` passes): reading its value tells (`numbers`).
"""

from __future__ import annotations

import re

from vedette.metrics.promql.syntax.tokens import Kind

_PLAIN = re.compile(
    r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![0-9a-zA-Z_.])"
    r"|([0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdw]))*)(?![0-9a-zA-Z_])"
)
_DIGITS = "0123456789"
_HEX = "0123456789abcdefABCDEF"
_AFTER_FIRST_UNIT = "smhdw"


class NumberFault(ValueError):
    """The text up to `end` is no number and no duration."""

    def __init__(self, text: str, end: int) -> None:
        super().__init__(text)
        self.end = end


def end_of_number(query: str, at: int) -> tuple[Kind, int]:
    """`Kind.NUMBER` or `Kind.DURATION`, and where it ends. Raises `NumberFault`."""
    plain = _PLAIN.match(query, at)
    if plain is not None:
        return (Kind.DURATION if plain[1] else Kind.NUMBER), plain.end()
    return scan_number(query, at)


def scan_number(query: str, at: int) -> tuple[Kind, int]:
    """As `end_of_number`, also for what is written in an unusual way."""
    scan = _Scan(query, at)
    if scan.number():
        return Kind.NUMBER, scan.at
    if scan.duration():
        return Kind.DURATION, scan.at
    raise NumberFault(query[at : scan.at], scan.at)


class _Scan:
    """A character at a time; `at` is behind what was accepted."""

    def __init__(self, query: str, at: int) -> None:
        self.query = query
        self.at = at

    def peek(self) -> str:
        return self.query[self.at : self.at + 1]

    def accept(self, chars: str) -> bool:
        ch = self.query[self.at : self.at + 1]
        if ch and ch in chars:
            self.at += 1
            return True
        return False

    def number(self) -> bool:
        digits = _DIGITS
        if self.accept("0") and self.accept("xX"):
            self.accept("_")
            digits = _HEX
        self.accept(".")
        self.accept(digits)
        dot = exponent = False
        while (ch := self.peek()) and ch in digits + "._eE":
            if ch == ".":
                self.at += 1
                if dot or self.accept("_.") or digits is _HEX:
                    return False
                dot = True
            elif ch in "eE":
                self.at += 1
                if exponent:
                    return False
                exponent = True
                self.accept("+-")
                if self.accept("._eE") or not self.peek():
                    return False
            elif ch == "_":
                self.at += 1
                if self.accept("._eE") or not self.peek():
                    return False
            else:
                while self.accept(digits):
                    pass
        return not _is_alphanumeric(self.peek())

    def duration(self) -> bool:
        """Units behind the digits that `number` has left. Their order is judged when the value is read."""
        if not self.accept(_AFTER_FIRST_UNIT + "y"):
            return False
        self.accept("s")
        while self.accept(_DIGITS):
            while self.accept(_DIGITS):
                pass
            if not self.accept(_AFTER_FIRST_UNIT):
                return False
            self.accept("s")
        if _is_alphanumeric(self.peek()):
            self.at += 1
            return False
        return True


def _is_alphanumeric(ch: str) -> bool:
    return ch == "_" or (ch.isascii() and ch.isalnum())
