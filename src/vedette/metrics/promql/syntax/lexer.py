"""Text of a query -> tokens.

The language is lexed in modes: between braces words are labels and operators are those of matchers; between brackets
there are only durations, by the strictest rules up to the first number; everywhere else ``:`` is a letter of metric
names. What can't be read becomes a token of `Kind.ERROR` instead of an exception: a fault further left, which the parser
finds, is reported first.
"""

from __future__ import annotations

import re

from vedette.metrics.promql.syntax.scan import NumberFault, end_of_number
from vedette.metrics.promql.syntax.strings import StringFault, end_of_string, no_character
from vedette.metrics.promql.syntax.tokens import DURATION_WORDS, FILLS, WORDS, Kind, Token

_SKIP = r"(?P<skip>(?:[ \t\r\n]+|\#[^\r\n]*)+)"
_STRING = r"""(?P<string>"[^"\\\n\ud800-\udfff\ufffd]*"|'[^'\\\n\ud800-\udfff\ufffd]*'|`[^`\ud800-\udfff\ufffd]*`)"""
_STATEMENT = re.compile(
    _SKIP + r"|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"|(?P<operator>==|!=|<=|</|>=|>/|[-+*/%^<>@])"
    r"|(?P<punctuation>[({,]|=(?![=~]))"
    r"|(?P<number>\.?[0-9])|" + _STRING + r"|(?P<other>[\s\S])"
)
_IN_BRACES = re.compile(
    _SKIP + r"|(?P<word>[a-zA-Z_][a-zA-Z0-9_]*)"
    r"|(?P<punctuation>,|=(?!~))|(?P<operator>=~|!~|!=)|" + _STRING + r"|(?P<other>[\s\S])"
)
_SPACE = re.compile(r"[ \t\r\n]*")
_LETTERS = re.compile(r"[a-zA-Z_]+")
# Letters that a word in brackets may begin with, whatever follows them.
_WORD_STARTS = frozenset("srmSRM")


def _char(text: str) -> str:
    """A character as Go's %q shows a rune."""
    if text == "" or no_character(text):
        return "'\ufffd'"
    if text in _ESCAPED:
        return f"'{_ESCAPED[text]}'"
    if text.isprintable():
        return f"'{text}'"
    code = ord(text)
    if code < 0x80:
        return rf"'\x{code:02x}'"
    return rf"'\u{code:04x}'" if code < 0x10000 else rf"'\U{code:08x}'"


_ESCAPED = {
    "'": r"\'",
    "\\": r"\\",
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
}


def tokenize(query: str) -> list[Token]:
    """All tokens; the last is of kind `Kind.EOF` or, where no token could be read, `Kind.ERROR`."""
    lexer = _Lexer(query)
    try:
        lexer.statements()
    except _Fault as fault:
        lexer.tokens.append(Token(Kind.ERROR, str(fault), "", fault.start, max(fault.end, fault.start)))
    return lexer.tokens


class _Fault(Exception):
    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class _Lexer:
    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens: list[Token] = []
        self.parens = 0
        self.bracket = False
        # Whether a colon, and whether a number, came in brackets.
        self.colon = False
        self.duration = False

    def emit(self, kind: Kind, text: str, start: int) -> int:
        end = start + len(text)
        self.tokens.append(Token(kind, text, text, start, end))
        return end

    def statements(self) -> None:
        """The mode outside of braces and brackets, and in brackets once there was a number."""
        query, size, tokens = self.query, len(self.query), self.tokens
        match = _STATEMENT.match
        at = 0
        while at < size:
            found = match(query, at)
            assert found is not None
            kind, text, start = found.lastgroup, found[0], at
            at = found.end()
            if kind == "skip":
                continue
            if kind == "word" and not self.bracket:
                tokens.append(self.word(text, start, at))
            elif kind == "punctuation":
                tokens.append(Token(Kind.PUNCTUATION, text, text, start, at))
                if text == "(":
                    self.parens += 1
                elif text == "{":
                    at = self.braces(at)
            elif kind == "operator":
                tokens.append(Token(Kind.OPERATOR, text, text, start, at))
            elif kind == "string":
                tokens.append(Token(Kind.STRING, text, text, start, at))
            elif kind == "number":
                at = self.number(start)
            else:
                at = self.other(start)
        if self.parens:
            raise _Fault("unclosed left parenthesis", size, size)
        if self.bracket:
            raise _Fault("unclosed left bracket", size, size)
        tokens.append(Token(Kind.EOF, "", "", size, size))

    def word(self, text: str, start: int, end: int) -> Token:
        low = text.lower()
        kind = WORDS.get(low)
        if kind is None:
            kind = Kind.METRIC if ":" in text else Kind.IDENTIFIER
        elif low in FILLS and not self.opens_parenthesis(end):
            kind = Kind.IDENTIFIER
        return Token(kind, text, low, start, end)

    def opens_parenthesis(self, at: int) -> bool:
        found = _SPACE.match(self.query, at)
        return found is not None and self.query[found.end() : found.end() + 1] == "("

    def number(self, start: int) -> int:
        try:
            kind, end = end_of_number(self.query, start)
        except NumberFault as fault:
            raise _Fault(f'bad number or duration syntax: "{fault}"', start, fault.end) from None
        return self.emit(kind, self.query[start:end], start)

    def string(self, start: int) -> int:
        """A literal with escapes, or one that never ends."""
        try:
            end = end_of_string(self.query, start)
        except StringFault as fault:
            raise _Fault(str(fault), start, fault.end) from None
        return self.emit(Kind.STRING, self.query[start:end], start)

    def other(self, at: int) -> int:
        """What changes the mode, or can't be."""
        query = self.query
        ch, after = query[at], query[at + 1 : at + 2]
        if ch in "\"'`":
            return self.string(at)
        if ch == ")":
            return self.close(at)
        if ch == "[":
            if self.bracket:
                raise _Fault("unexpected left bracket '['", at, at + 1)
            self.bracket, self.colon = True, False
            return self.durations(self.emit(Kind.PUNCTUATION, ch, at))
        if ch == "]":
            if not self.bracket:
                raise _Fault("unexpected right bracket ']'", at, at + 1)
            self.bracket = False
            return self.emit(Kind.PUNCTUATION, ch, at)
        if ch == "=":
            raise _Fault(f"unexpected character after '=': {_char(after)}", at, at + 1)
        if ch == "!":
            raise _Fault(f"unexpected character after '!': {_char(after)}", at, at + 2)
        if ch == ":":
            # Only in brackets; elsewhere it is a letter.
            if self.colon:
                raise _Fault("unexpected colon ':'", at, at + 1)
            self.colon = True
            return self.emit(Kind.PUNCTUATION, ch, at)
        if self.bracket and ch.isascii() and (ch.isalpha() or ch == "_"):
            end = self.duration_word(at)
            if not end:
                raise _Fault(f"unexpected character: {_char(ch)}, expected ':'", at, at + 1)
            return end
        raise _Fault(f"unexpected character: {_char(ch)}", at, at + 1)

    def close(self, at: int) -> int:
        end = self.emit(Kind.PUNCTUATION, ")", at)
        self.parens -= 1
        if self.parens < 0:
            self.tokens.pop()
            raise _Fault("unexpected right parenthesis ')'", end, end)
        return end

    def duration_word(self, at: int) -> int:
        """Behind one of the words that durations know, 0 if there is none."""
        if self.query[at] not in _WORD_STARTS:
            return 0
        found = _LETTERS.match(self.query, at)
        assert found is not None
        low = found[0].lower()
        if low not in DURATION_WORDS:
            return 0
        self.tokens.append(Token(Kind.PREPROCESSOR, found[0], low, at, found.end()))
        return found.end()

    def durations(self, at: int) -> int:
        """The mode behind an opening bracket: up to the closing one, or through the first number."""
        query, size = self.query, len(self.query)
        while True:
            while at < size and query[at] in " \t\r\n":
                at += 1
            if at >= size:
                raise _Fault("unexpected end of input in duration expression", size, size)
            ch = query[at]
            if ch in "0123456789" or (ch == "." and query[at + 1 : at + 2] in tuple("0123456789")):
                self.duration = True
                return self.number(at)
            if ch == "]":
                self.bracket = self.colon = False
                return self.emit(Kind.PUNCTUATION, ch, at)
            if ch == ":":
                at = self.emit(Kind.PUNCTUATION, ch, at)
                if self.colon or not self.duration:
                    self.tokens.pop()
                    what = "repeated colon" if self.duration else "colon before duration"
                    raise _Fault(f"unexpected {what} in duration expression", at, at)
                self.colon = True
            elif ch == "(":
                self.parens += 1
                at = self.emit(Kind.PUNCTUATION, ch, at)
            elif ch == ")":
                at = self.close(at)
            elif ch == ",":
                at = self.emit(Kind.PUNCTUATION, ch, at)
            elif ch in "+-*/%^":
                at = self.emit(Kind.OPERATOR, ch, at)
            else:
                end = self.duration_word(at)
                if not end:
                    raise _Fault(f"unexpected character in duration expression: {_char(ch)}", at, at + 1)
                at = end

    def braces(self, at: int) -> int:
        """The mode behind an opening brace, up to the closing one."""
        query, size, tokens = self.query, len(self.query), self.tokens
        match = _IN_BRACES.match
        while at < size:
            found = match(query, at)
            assert found is not None
            kind, text, start = found.lastgroup, found[0], at
            at = found.end()
            if kind == "skip":
                continue
            if kind == "word":
                tokens.append(Token(Kind.IDENTIFIER, text, text, start, at))
            elif kind == "string":
                tokens.append(Token(Kind.STRING, text, text, start, at))
            elif kind == "punctuation":
                tokens.append(Token(Kind.PUNCTUATION, text, text, start, at))
            elif kind == "operator":
                tokens.append(Token(Kind.OPERATOR, text, text, start, at))
            elif text == "}":
                return self.emit(Kind.PUNCTUATION, text, start)
            elif text in "\"'`":
                at = self.string(start)
            elif text == "!":
                after = _char(query[at : at + 1])
                raise _Fault(f"unexpected character after '!' inside braces: {after}", start, at + 1)
            elif text == "{":
                raise _Fault("unexpected left brace '{'", start, at)
            else:
                raise _Fault(f"unexpected character inside braces: {_char(text)}", start, at)
        raise _Fault("unexpected end of input inside braces", size, size)
