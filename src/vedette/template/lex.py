"""Template text to tokens, with Go's rules for delimiters, trim markers and comments."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

LEFT, RIGHT = "{{", "}}"
_SPACE = " \t\r\n"
_TRIM_LENGTH = 2  # a trim marker and its space: "- " or " -"


class Kind(enum.Enum):
    ERROR = "error"
    BOOL = "bool"
    CHAR = "char"
    CHAR_CONSTANT = "character constant"
    ASSIGN = "="
    DECLARE = ":="
    EOF = "EOF"
    FIELD = "field"
    IDENTIFIER = "identifier"
    LEFT_DELIM = LEFT
    LEFT_PAREN = "("
    NUMBER = "number"
    PIPE = "|"
    RAW_STRING = "raw string"
    RIGHT_DELIM = RIGHT
    RIGHT_PAREN = ")"
    SPACE = "space"
    STRING = "string"
    TEXT = "text"
    VARIABLE = "variable"
    DOT = "."
    NIL = "nil"
    BLOCK = "block"
    BREAK = "break"
    CONTINUE = "continue"
    DEFINE = "define"
    ELSE = "else"
    END = "end"
    IF = "if"
    RANGE = "range"
    TEMPLATE = "template"
    WITH = "with"


KEYWORDS = {
    kind.value: kind
    for kind in (
        Kind.NIL,
        Kind.BLOCK,
        Kind.BREAK,
        Kind.CONTINUE,
        Kind.DEFINE,
        Kind.ELSE,
        Kind.END,
        Kind.IF,
        Kind.RANGE,
        Kind.TEMPLATE,
        Kind.WITH,
    )
}


@dataclass(frozen=True, slots=True)
class Token:
    """`at` is an offset in characters, `line` counts from 1."""

    kind: Kind
    at: int
    text: str
    line: int

    def __str__(self) -> str:
        if self.kind is Kind.EOF:
            return "EOF"
        if self.kind is Kind.ERROR:
            return self.text
        if self.text in KEYWORDS and self.kind is KEYWORDS[self.text]:
            return f"<{self.text}>"
        if len(self.text) > 10:
            return f"{_quoted(self.text[:10])}..."
        return _quoted(self.text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


class _LexError(Exception):
    pass


_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*|0[bB][01_]*"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`; the last one is EOF, or ERROR whose text is the complaint."""
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.input = text
        self.at = 0
        self.start = 0
        self.line = 1
        self.start_line = 1
        self.depth = 0
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        try:
            while self._text():
                while self._inside_action():
                    pass
        except _LexError as error:
            self.tokens.append(Token(Kind.ERROR, self.start, str(error), self.start_line))
        return self.tokens

    def _emit(self, kind: Kind) -> None:
        text = self.input[self.start : self.at]
        self.tokens.append(Token(kind, self.start, text, self.start_line))
        self._ignore()

    def _ignore(self) -> None:
        self.start_line += self.input.count("\n", self.start, self.at)
        self.start = self.at

    def _starts(self, text: str, at: int | None = None) -> bool:
        return self.input.startswith(text, self.at if at is None else at)

    def _peek(self) -> str:
        return self.input[self.at : self.at + 1]

    def _text(self) -> bool:
        """Plain text up to an action (entering it) or the end. False at the end."""
        while True:
            found = self.input.find(LEFT, self.at)
            if found < 0:
                self.at = len(self.input)
                if self.at > self.start:
                    self._emit(Kind.TEXT)
                self._emit(Kind.EOF)
                return False
            after = found + len(LEFT)
            trim = self._left_trim(after)
            end = found
            if trim:
                end = self.start + len(self.input[self.start : found].rstrip(_SPACE))
            self.at = end
            if self.at > self.start:
                self._emit(Kind.TEXT)
            self.at = found
            self._ignore()
            inner = after + (_TRIM_LENGTH if trim else 0)
            if self._starts("/*", inner):
                self._comment(inner)
                continue
            self.at = after
            self._emit(Kind.LEFT_DELIM)
            self.at = inner
            self._ignore()
            self.depth = 0
            return True

    def _left_trim(self, at: int) -> bool:
        return self._starts("-", at) and self.input[at + 1 : at + 2] in tuple(_SPACE)

    def _right_delim(self, at: int) -> tuple[bool, bool]:
        """Whether an action ends at `at`, and whether it trims what follows."""
        if (
            self.input[at : at + 1] in tuple(_SPACE)
            and self._starts("-", at + 1)
            and self._starts(RIGHT, at + _TRIM_LENGTH)
        ):
            return True, True
        return self._starts(RIGHT, at), False

    def _skip_space(self) -> None:
        while self.at < len(self.input) and self.input[self.at] in _SPACE:
            self.at += 1

    def _comment(self, at: int) -> None:
        end = self.input.find("*/", at + 2)
        if end < 0:
            raise _LexError("unclosed comment")
        self.at = end + 2
        closed, trim = self._right_delim(self.at)
        if not closed:
            raise _LexError("comment ends before closing delimiter")
        self.at += len(RIGHT) + (_TRIM_LENGTH if trim else 0)
        if trim:
            self._skip_space()
        self._ignore()

    def _inside_action(self) -> bool:
        """One token. False when the action has ended."""
        closed, trim = self._right_delim(self.at)
        if closed:
            if self.depth:
                raise _LexError("unclosed left paren")
            self._close(trim)
            return False
        ch = self._peek()
        if ch == "":
            raise _LexError("unclosed action")
        if ch in _SPACE:
            return self._space()
        self.at += 1
        if ch == "=":
            self._emit(Kind.ASSIGN)
        elif ch == ":":
            if self._peek() != "=":
                raise _LexError("expected :=")
            self.at += 1
            self._emit(Kind.DECLARE)
        elif ch == "|":
            self._emit(Kind.PIPE)
        elif ch == '"':
            self._quoted('"', Kind.STRING, "unterminated quoted string")
        elif ch == "'":
            self._quoted("'", Kind.CHAR_CONSTANT, "unterminated character constant")
        elif ch == "`":
            end = self.input.find("`", self.at)
            if end < 0:
                raise _LexError("unterminated raw quoted string")
            self.at = end + 1
            self._emit(Kind.RAW_STRING)
        elif ch == "$":
            self._field_or_variable(Kind.VARIABLE)
        elif (ch == "." and not self._peek().isascii()) or (ch == "." and not self._peek().isdigit()):
            self._field_or_variable(Kind.FIELD)
        elif ch in "+-." or (ch.isascii() and ch.isdigit()):
            self.at -= 1
            self._number()
        elif _alphanumeric(ch):
            self._identifier()
        elif ch == "(":
            self._emit(Kind.LEFT_PAREN)
            self.depth += 1
        elif ch == ")":
            self.depth -= 1
            if self.depth < 0:
                raise _LexError("unexpected right paren")
            self._emit(Kind.RIGHT_PAREN)
        elif ch.isascii() and ch.isprintable():
            self._emit(Kind.CHAR)
        else:
            raise _LexError(f"unrecognized character in action: {describe(ch)}")
        return True

    def _close(self, trim: bool) -> None:
        if trim:
            self.at += _TRIM_LENGTH
            self._ignore()
        self.at += len(RIGHT)
        self._emit(Kind.RIGHT_DELIM)
        if trim:
            self._skip_space()
            self._ignore()

    def _space(self) -> bool:
        while self._peek() and self._peek() in _SPACE:
            self.at += 1
        # The last space may belong to a trim marker.
        closed, trim = self._right_delim(self.at - 1)
        if closed and trim:
            self.at -= 1
        if self.at > self.start:
            self._emit(Kind.SPACE)
        return True

    def _quoted(self, quote: str, kind: Kind, complaint: str) -> None:
        while True:
            ch = self._peek()
            self.at += 1
            if ch == "\\" and self._peek() not in ("", "\n"):
                self.at += 1
            elif ch in ("", "\n", "\\"):
                raise _LexError(complaint)
            elif ch == quote:
                break
        self._emit(kind)

    def _at_terminator(self) -> bool:
        ch = self._peek()
        return ch == "" or ch in _SPACE or ch in ".,|:()" or self._starts(RIGHT)

    def _field_or_variable(self, kind: Kind) -> None:
        if self._at_terminator():
            self._emit(Kind.VARIABLE if kind is Kind.VARIABLE else Kind.DOT)
            return
        self._word()
        self._emit(kind)

    def _word(self) -> None:
        while self._peek() and _alphanumeric(self._peek()):
            self.at += 1
        if not self._at_terminator():
            raise _LexError(f"bad character {describe(self._peek())}")

    def _identifier(self) -> None:
        self._word()
        word = self.input[self.start : self.at]
        if word in KEYWORDS:
            self._emit(KEYWORDS[word])
        elif word in ("true", "false"):
            self._emit(Kind.BOOL)
        else:
            self._emit(Kind.IDENTIFIER)

    def _number(self) -> None:
        found = _NUMBER.match(self.input, self.at)
        self.at = found.end() if found else self.at
        if self._peek() and _alphanumeric(self._peek()):
            self.at += 1
            raise _LexError(f"bad number syntax: {_quoted(self.input[self.start : self.at])}")
        self._emit(Kind.NUMBER)


def _alphanumeric(ch: str) -> bool:
    return ch == "_" or ch.isalpha() or ch.isdecimal()


def describe(ch: str) -> str:
    """A character as Go's ``%#U`` prints it."""
    code = f"U+{ord(ch):04X}"
    return f"{code} '{ch}'" if ch.isprintable() else code
