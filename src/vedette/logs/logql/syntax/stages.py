"""The stages after a selector: line filters, parsers, label filters and the rest."""

from __future__ import annotations

from collections.abc import Callable

from vedette.logs.filters.regex import check_regex
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import LogQLError
from vedette.logs.logql.syntax.lexer import Token
from vedette.logs.parsers.json_paths import parse_path
from vedette.logs.parsers.line_format import line_template
from vedette.logs.parsers.logfmt import check_key
from vedette.logs.units import duration_ns, size_bytes
from vedette.model.labels import Matcher, RegexError, quote
from vedette.template import TemplateError

_LINE_OPS = ("|=", "!=", "|~", "!~", "|>", "!>")
_STRING_OPS = ("=", "!=", "=~", "!~")
_NUMBER_OPS = ("=", "==", "!=", ">", ">=", "<", "<=")


class TokenStream:
    """A cursor over tokens."""

    def __init__(self, tokens: list[Token], text: str) -> None:
        self._tokens = tokens
        self._at = 0
        self.text = text

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def advance(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "EOF":
            self._at += 1
        return token

    def at(self, *kinds: str) -> bool:
        return self.peek().kind in kinds

    def at_word(self, *words: str) -> bool:
        token = self.peek()
        return token.kind == "WORD" and token.text.lower() in words

    def word(self, word: str) -> bool:
        """Takes the keyword `word` if it is next."""
        if self.at_word(word):
            self.advance()
            return True
        return False

    def take(self, kind: str, *, expecting: str | None = None) -> Token:
        token = self.peek()
        if token.kind != kind:
            raise self.unexpected(token, kind if expecting is None else expecting)
        return self.advance()

    def end(self) -> None:
        if not self.at("EOF"):
            raise self.unexpected(self.peek())

    def unexpected(self, token: Token, expecting: str = "") -> LogQLError:
        tail = f", expecting {expecting}" if expecting else ""
        return LogQLError(f"syntax error: unexpected {token.name}{tail}", token.line, token.column)


class StageParser(TokenStream):
    def at_stage(self) -> bool:
        if self.at("|"):
            return not self.at_unwrap()
        # In a metric query a comparison may follow a window, never a selector, so != is a filter here.
        return self.at(*_LINE_OPS)

    def at_unwrap(self) -> bool:
        following = self.peek(1)
        return self.at("|") and following.kind == "WORD" and following.text.lower() == "unwrap"

    def stage(self) -> n.Stage:
        if self.at(*_LINE_OPS):
            return self.line_filter()
        self.take("|")
        token = self.peek()
        if token.kind == "WORD" and self.peek(1).kind not in (*_NUMBER_OPS, *_STRING_OPS):
            parsers: dict[str, Callable[[], n.Stage]] = {
                "json": self.json,
                "logfmt": self.logfmt,
                "line_format": self.line_format,
                "label_format": self.label_format,
                "regexp": self.one_string,
                "pattern": self.one_string,
                "unpack": self.bare,
                "decolorize": self.bare,
                "drop": self.drop_keep,
                "keep": self.drop_keep,
            }
            parse = parsers.get(token.text.lower())
            if parse is not None:
                return parse()
            if token.text.lower() == "unwrap":
                raise self.unexpected(token)
        if token.kind not in ("WORD", "("):
            raise self.unexpected(token)
        return n.LabelFilter(self.condition())

    # ---- line filters --------------------------------------------------------------------------------------------

    def line_filter(self) -> n.LineFilter:
        op = self.advance().kind
        needles = [self.needle()]
        while self.word("or"):
            needles.append(self.needle())
        node = n.LineFilter(op, tuple(needles))
        try:
            if op in ("|~", "!~"):
                for needle in needles:
                    if needle.ip:
                        raise LogQLError("ip: invalid operation", positioned=False)
                    check_regex(needle.text)
        except (LogQLError, RegexError) as error:
            raise LogQLError(f"stage '{node}' : {error}") from None
        return node

    def needle(self) -> n.Needle:
        if self.at_word("ip") and self.peek(1).kind == "(":
            self.advance()
            self.take("(")
            text = self.take("STRING").text
            self.take(")")
            return n.Needle(text, ip=True)
        return n.Needle(self.take("STRING", expecting="STRING or ip").text)

    # ---- parsers -------------------------------------------------------------------------------------------------

    def json(self) -> n.JsonStage:
        self.advance()
        node = n.JsonStage(self.fields())
        for _, path in node.fields:
            try:
                parse_path(path)
            except ValueError as error:
                raise LogQLError(f"stage '{node}' : cannot parse expression [{path}]: {error}") from None
        return node

    def logfmt(self) -> n.LogfmtStage:
        self.advance()
        strict = keep_empty = False
        while self.at("FLAG"):
            flag = self.advance().text
            strict, keep_empty = strict or flag == "--strict", keep_empty or flag == "--keep-empty"
        node = n.LogfmtStage(self.fields(), strict, keep_empty)
        for _, key in node.fields:
            try:
                check_key(key)
            except ValueError as error:
                raise LogQLError(f"stage '{node}' : cannot parse expression [{key}]: {error}") from None
        if self.at("FLAG"):
            raise LogQLError("syntax error: unexpected FUNCTION_FLAG", 0, self.peek().column)
        return node

    def fields(self) -> tuple[tuple[str, str], ...]:
        """``a, b="path"``; a bare name is its own path."""
        if not self.at("WORD"):
            return ()
        fields = []
        while True:
            name = self.take("WORD", expecting="IDENTIFIER").text
            if self.at("="):
                self.advance()
                fields.append((name, self.take("STRING").text))
            else:
                fields.append((name, name))
            if not self.at(","):
                return tuple(fields)
            self.advance()

    # ---- stages with their own little grammar ----------------------------------------------------------------------

    def line_format(self) -> n.LineFormat:
        self.advance()
        node = n.LineFormat(self.take("STRING").text)
        try:
            line_template(node.template)
        except TemplateError as error:
            raise LogQLError(f"stage '{node}' : invalid line template: {error}") from None
        return node

    def one_string(self) -> n.OtherStage:
        name = self.advance().text.lower()
        return n.OtherStage(name, f"| {name} {quote(self.take('STRING').text)}")

    def bare(self) -> n.OtherStage:
        name = self.advance().text.lower()
        return n.OtherStage(name, f"| {name}")

    def label_format(self) -> n.OtherStage:
        self.advance()
        parts = []
        while True:
            name = self.take("WORD", expecting="IDENTIFIER").text
            self.take("=")
            value = self.peek()
            if value.kind not in ("WORD", "STRING"):
                raise self.unexpected(value, "IDENTIFIER or STRING")
            self.advance()
            parts.append(f"{name}={quote(value.text) if value.kind == 'STRING' else value.text}")
            if not self.at(","):
                return n.OtherStage("label_format", "| label_format " + ", ".join(parts))
            self.advance()

    def drop_keep(self) -> n.OtherStage:
        stage = self.advance().text.lower()
        parts = []
        while True:
            name = self.take("WORD", expecting="IDENTIFIER").text
            if self.at("=", "!=", "=~", "!~"):
                parts.append(str(self.matcher(name, self.advance().kind)))
            else:
                parts.append(name)
            if not self.at(","):
                return n.OtherStage(stage, f"| {stage} " + ", ".join(parts))
            self.advance()

    def unwrap(self) -> n.OtherStage:
        self.take("|")
        self.advance()
        name = self.take("WORD", expecting="IDENTIFIER").text
        if self.at("("):
            self.advance()
            inner = self.take("WORD", expecting="IDENTIFIER").text
            self.take(")")
            name = f"{name}({inner})"
        return n.OtherStage("unwrap", f"| unwrap {name}")

    # ---- label filters -------------------------------------------------------------------------------------------

    def condition(self) -> n.Condition:
        left = self.conjunction()
        while self.word("or"):
            left = n.Or(left, self.conjunction())
        return left

    def conjunction(self) -> n.Condition:
        left = self.single_condition()
        while True:
            if self.at_word("and") or self.at(","):
                self.advance()
            elif not (self.at("(") or (self.at("WORD") and self._at_comparison())):
                return left
            left = n.And(left, self.single_condition())

    def _at_comparison(self) -> bool:
        return self.peek(1).kind in (*_NUMBER_OPS, *_STRING_OPS) and not self.at_word("or")

    def single_condition(self) -> n.Condition:
        if self.at("("):
            self.advance()
            inner = self.condition()
            self.take(")", expecting="")
            return inner
        name = self.take("WORD", expecting="IDENTIFIER or (").text
        op = self.peek()
        if op.kind not in (*_NUMBER_OPS, *_STRING_OPS):
            raise self.unexpected(op)
        self.advance()
        value = self.peek()
        if value.kind == "STRING" and op.kind in ("=", "!=", "=~", "!~"):
            return n.StringCondition(self.matcher(name, op.kind))
        if value.kind == "WORD" and value.text.lower() == "ip" and op.kind in ("=", "!="):
            needle = self.needle()
            return n.IpCondition(name, op.kind, needle.text)
        if op.kind in _NUMBER_OPS:
            return self.quantity(name, "==" if op.kind == "=" else op.kind)
        raise self.unexpected(value)

    def quantity(self, name: str, op: str) -> n.NumberCondition:
        sign = ""
        if self.at("-", "+"):
            sign = self.advance().kind.replace("+", "")
        token = self.peek()
        factor = -1 if sign else 1
        if token.kind == "NUMBER":
            value = float(int(token.text, 16)) if token.text[:2].lower() == "0x" else float(token.text)
            kind = "number"
        elif token.kind == "DURATION":
            value, kind = float(duration_ns(token.text)), "duration"
        elif token.kind == "BYTES" and not sign:
            value, kind = float(size_bytes(token.text)), "bytes"
        else:
            raise self.unexpected(token)
        self.advance()
        return n.NumberCondition(name, op, factor * value, kind, sign + token.text)

    def matcher(self, name: str, op: str) -> Matcher:
        value = self.take("STRING").text
        try:
            return Matcher(name, op, value)
        except RegexError as error:
            raise LogQLError(str(error)) from None
