"""Where a parser stands in its tokens, and how it complains."""

from __future__ import annotations

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.lexer import tokenize
from vedette.metrics.promql.syntax.strings import unquote
from vedette.metrics.promql.syntax.tokens import Kind, Token


class Cursor:
    """Tokens with a position. `features` are the names of the switched-on feature flags."""

    __slots__ = ("at", "features", "query", "tokens")

    def __init__(self, query: str, features: frozenset[str]) -> None:
        self.query = query
        self.features = features
        self.tokens = tokenize(query)
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def next_token(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    @property
    def last_end(self) -> int:
        """Where the token before the current one ended."""
        return self.tokens[self.at - 1].end if self.at else 0

    def advance(self) -> Token:
        token = self.tokens[self.at]
        if token.kind is not Kind.EOF:
            self.at += 1
        return token

    def is_punct(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.kind is Kind.PUNCTUATION and token.text == text

    def is_keyword(self, *words: str) -> bool:
        token = self.tokens[self.at]
        return token.kind is Kind.KEYWORD and token.word in words

    def is_operator(self, *words: str) -> bool:
        token = self.tokens[self.at]
        return token.kind is Kind.OPERATOR and token.word in words

    def take_punct(self, text: str) -> bool:
        if self.is_punct(text):
            self.at += 1
            return True
        return False

    def expect_punct(self, text: str, context: str, expected: str = "") -> Token:
        if not self.is_punct(text):
            raise self.unexpected(context, expected or f'"{text}"')
        return self.advance()

    def fail(self, message: str, start: int, end: int) -> ParseError:
        return ParseError(message, self.query, start, end)

    def unexpected(self, context: str = "", expected: str = "") -> ParseError:
        token = self.token
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
                f"error unquoting string {token.text!r}: {error}", token.start, token.end
            ) from None

    def labels(self) -> tuple[str, ...]:
        """`(a, b, "c.d")`, a trailing comma allowed."""
        self.expect_punct("(", "grouping opts")
        names: list[str] = []
        while not self.is_punct(")"):
            token = self.token
            if token.kind is Kind.STRING:
                names.append(self.string(token))
            elif is_label_word(token):
                names.append(token.text)
            else:
                raise self.unexpected("grouping opts", "label")
            self.advance()
            if not self.take_punct(",") and not self.is_punct(")"):
                raise self.unexpected("grouping opts", '"," or ")"')
        self.advance()
        return tuple(names)


def is_label_word(token: Token) -> bool:
    """Whether the token may name a label: identifiers and every keyword."""
    if token.kind in (Kind.IDENTIFIER, Kind.KEYWORD, Kind.AGGREGATOR):
        return True
    return token.kind is Kind.OPERATOR and token.text[:1].isalpha()
