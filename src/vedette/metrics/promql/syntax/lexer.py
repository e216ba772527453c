"""Text of a query -> tokens.

The language is lexed in three modes: between braces ``:`` is no letter and operators are those of matchers, between
brackets ``:`` separates range and step, everywhere else it is a letter of metric names.
"""

from __future__ import annotations

import re

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.tokens import AGGREGATORS, KEYWORDS, WORD_OPERATORS, Kind, Token

_SPACE = re.compile(r"(?:[ \t\n\r]+|#[^\n]*)+")
_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NUMBER = re.compile(
    r"0[xX](?:_?[0-9a-fA-F])+"
    r"|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_DURATION = re.compile(
    r"(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?"
)
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\\n]|\\[\s\S])*"'),
    "'": re.compile(r"'(?:[^'\\\n]|\\[\s\S])*'"),
    "`": re.compile(r"`[^`]*`"),
}
_OPERATOR = re.compile(r"==|!=|<=|>=|</|>/|[-+*/%^<>@]")
_MATCH_OPERATOR = re.compile(r"=~|!~|!=|=")
_ALNUM = re.compile(r"[a-zA-Z0-9_.]*")


def _char(text: str) -> str:
    """A character as Go's %q shows a rune."""
    if text == "":
        return "'�'"
    return {"'": r"'\''", "\\": r"'\\'", "\n": r"'\n'", "\t": r"'\t'", "\r": r"'\r'"}.get(text, f"'{text}'")


def tokenize(query: str) -> list[Token]:
    """All tokens, the last of kind `Kind.EOF`. Raises `ParseError`."""
    return _Lexer(query).run()


class _Lexer:
    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.tokens: list[Token] = []
        self.parens = 0
        self.bracket = False
        self.colon = False

    def fail(self, message: str, start: int) -> ParseError:
        return ParseError(message, self.query, start, self.at)

    def emit(self, kind: Kind, end: int) -> None:
        self.tokens.append(Token(kind, self.query[self.at : end], self.at, end))
        self.at = end

    def skip_space(self) -> None:
        found = _SPACE.match(self.query, self.at)
        if found:
            self.at = found.end()

    def run(self) -> list[Token]:
        query, size = self.query, len(self.query)
        while True:
            self.skip_space()
            if self.at >= size:
                if self.parens:
                    raise self.fail("unclosed left parenthesis", self.at)
                if self.bracket:
                    raise self.fail("unclosed left bracket", self.at)
                self.tokens.append(Token(Kind.EOF, "", size, size))
                return self.tokens
            self.statement(query[self.at])

    def statement(self, ch: str) -> None:
        query, at = self.query, self.at
        if ch.isascii() and (ch.isalpha() or ch == "_" or (ch == ":" and not self.bracket)):
            self.word()
        elif ch.isascii() and (ch.isdigit() or (ch == "." and query[at + 1 : at + 2].isdigit())):
            self.number()
        elif ch in _QUOTED:
            self.string(ch)
        elif ch == "(":
            self.parens += 1
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == ")":
            self.parens -= 1
            if self.parens < 0:
                raise self.fail("unexpected right parenthesis ')'", at)
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == "{":
            self.emit(Kind.PUNCTUATION, at + 1)
            self.braces()
        elif ch == "[":
            if self.bracket:
                raise self.fail("unexpected left bracket '['", at)
            self.bracket, self.colon = True, False
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == "]":
            if not self.bracket:
                raise self.fail("unexpected right bracket ']'", at)
            self.bracket = False
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == ":":
            if self.colon:
                raise self.fail("unexpected colon ':'", at)
            self.colon = True
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == ",":
            self.emit(Kind.PUNCTUATION, at + 1)
        elif found := _OPERATOR.match(query, at):
            self.emit(Kind.OPERATOR if found[0] != "@" else Kind.PUNCTUATION, found.end())
        elif ch == "=":
            if query[at + 1 : at + 2] == "~":
                raise self.fail("unexpected character after '=': '~'", at)
            self.emit(Kind.PUNCTUATION, at + 1)
        elif ch == "!":
            raise self.fail(f"unexpected character after '!': {_char(query[at + 1 : at + 2])}", at)
        else:
            raise self.fail(f"unexpected character: {_char(ch)}", at)

    def word(self) -> None:
        found = (_LABEL if self.bracket else _WORD).match(self.query, self.at)
        assert found is not None
        low = found[0].lower()
        if low in AGGREGATORS:
            kind = Kind.AGGREGATOR
        elif low in WORD_OPERATORS:
            kind = Kind.OPERATOR
        elif low in KEYWORDS:
            kind = Kind.KEYWORD
        elif low in ("inf", "nan"):
            kind = Kind.NUMBER
        else:
            kind = Kind.METRIC if ":" in low else Kind.IDENTIFIER
        self.emit(kind, found.end())

    def number(self) -> None:
        query, at = self.query, self.at
        duration = _DURATION.match(query, at)
        if duration and duration.end() > at and not _ALNUM.match(query, duration.end())[0]:  # type: ignore[index]
            self.emit(Kind.DURATION, duration.end())
            return
        number = _NUMBER.match(query, at)
        end = number.end() if number else at + 1
        rest = _ALNUM.match(query, end)
        assert rest is not None
        if rest[0]:
            self.at = rest.end()
            raise self.fail(f'bad number or duration syntax: "{query[at : rest.end()]}"', at)
        self.emit(Kind.NUMBER, end)

    def string(self, quote: str) -> None:
        found = _QUOTED[quote].match(self.query, self.at)
        if found is None:
            start, self.at = self.at, len(self.query)
            kind = "raw" if quote == "`" else "quoted"
            raise self.fail(f"unterminated {kind} string", start)
        self.emit(Kind.STRING, found.end())

    def braces(self) -> None:
        query, size = self.query, len(self.query)
        while True:
            self.skip_space()
            at = self.at
            if at >= size:
                raise self.fail("unexpected end of input inside braces", at)
            ch = query[at]
            if ch.isascii() and (ch.isalpha() or ch == "_"):
                found = _LABEL.match(query, at)
                assert found is not None
                self.emit(Kind.IDENTIFIER, found.end())
            elif ch == ",":
                self.emit(Kind.PUNCTUATION, at + 1)
            elif ch in _QUOTED:
                self.string(ch)
            elif found := _MATCH_OPERATOR.match(query, at):
                self.emit(Kind.PUNCTUATION, found.end())
            elif ch == "!":
                raise self.fail(
                    f"unexpected character after '!' inside braces: {_char(query[at + 1 : at + 2])}", at
                )
            elif ch == "{":
                raise self.fail("unexpected left brace '{'", at)
            elif ch == "}":
                self.emit(Kind.PUNCTUATION, at + 1)
                return
            else:
                raise self.fail(f"unexpected character inside braces: {_char(ch)}", at)
