"""Where a parser stands in its tokens, and how it complains."""

from __future__ import annotations

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.lexer import tokenize
from vedette.metrics.promql.syntax.strings import unquote
from vedette.metrics.promql.syntax.tokens import Kind, Token
from vedette.model.labels import quote


class Cursor:
    """Tokens with a position. `features` are the names of the switched-on feature flags.

    `place` is what the construct being read says of a token that fits nowhere: its own name, and what it expected.
    """

    __slots__ = ("at", "features", "place", "query", "token", "tokens")

    def __init__(self, query: str, features: frozenset[str]) -> None:
        self.query = query
        self.features = features
        self.tokens = tokenize(query)
        self.at = 0
        self.token: Token = self.tokens[0]
        self.place = ("", "")

    @property
    def next_token(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    @property
    def last_end(self) -> int:
        """Where the token before the current one ended."""
        return self.tokens[self.at - 1].end if self.at else 0

    def advance(self) -> Token:
        token = self.token
        if self.at + 1 < len(self.tokens):
            self.at += 1
            self.token = self.tokens[self.at]
        return token

    def look(self) -> Token:
        """The current token. Raises if none could be read: to be called before a fault further left is reported, where
        the original too would first have looked at what follows."""
        if self.token.kind is Kind.ERROR:
            raise self.unexpected()
        return self.token

    def at_end(self) -> bool:
        return self.token.kind is Kind.EOF

    def is_punct(self, text: str) -> bool:
        token = self.token
        return token.kind is Kind.PUNCTUATION and token.text == text

    def is_keyword(self, *words: str) -> bool:
        token = self.token
        return token.kind is Kind.KEYWORD and token.word in words

    def is_operator(self, *words: str) -> bool:
        token = self.token
        return token.kind is Kind.OPERATOR and token.word in words

    def take_punct(self, text: str) -> bool:
        if self.is_punct(text):
            self.advance()
            return True
        return False

    def expect_punct(self, text: str) -> Token:
        if not self.is_punct(text):
            raise self.unexpected()
        return self.advance()

    def fail(self, message: str, start: int, end: int) -> ParseError:
        return ParseError(message, self.query, start, end)

    def unexpected(self, context: str | None = None, expected: str = "") -> ParseError:
        """The current token fits nowhere; said in the words of `place` unless `context` is given."""
        token = self.token
        if token.kind is Kind.ERROR:
            return self.fail(token.text, token.start, token.end)
        if context is None:
            context, expected = self.place
        message = f"unexpected {token.described()}"
        if context:
            message += f" in {context}"
        if expected:
            message += f", expected {expected}"
        return self.fail(message, token.start, token.end)

    def string(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except ValueError as error:
            raise self.fail(
                f"error unquoting string {quote(token.text)}: {error}", token.start, token.end
            ) from None

    def labels(self) -> tuple[str, ...]:
        """`(a, b, "c.d")`, a trailing comma allowed."""
        if not self.is_punct("("):
            raise self.unexpected("grouping opts", '"("')
        self.advance()
        names: list[str] = []
        while not self.is_punct(")"):
            token = self.token
            if token.kind is Kind.STRING:
                name = self.string(token)
            elif may_name_a_label(token):
                name = token.text
            else:
                raise self.unexpected("grouping opts", "label")
            if not name or not _is_utf8(name):
                raise self.fail(f"invalid label name for grouping: {quote(name)}", token.start, token.end)
            names.append(name)
            self.advance()
            if not self.take_punct(",") and not self.is_punct(")"):
                raise self.unexpected("grouping opts", '"," or ")"')
        self.advance()
        return tuple(names)


_LABEL_KINDS = frozenset((Kind.IDENTIFIER, Kind.METRIC, Kind.KEYWORD, Kind.PREPROCESSOR, Kind.AGGREGATOR))


def may_name_a_label(token: Token) -> bool:
    """Whether a list of labels may name it without quotes: every word but `without`, which the original forgot."""
    if token.kind is Kind.OPERATOR:
        return token.text[:1].isalpha()
    return token.kind in _LABEL_KINDS and token.word != "without"


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= ch <= "\udfff" for ch in text)
