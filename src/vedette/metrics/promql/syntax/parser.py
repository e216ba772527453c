"""PromQL text -> syntax tree."""

from __future__ import annotations

from dataclasses import replace

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Expr,
    Matching,
    Number,
    Paren,
    Selector,
    String,
    Unary,
)
from vedette.metrics.promql.syntax.numbers import literal_seconds, signed_number
from vedette.metrics.promql.syntax.selectors import parse_modifiers, parse_selector
from vedette.metrics.promql.syntax.signatures import EXPERIMENTAL_FUNCTIONS, SIGNATURES
from vedette.metrics.promql.syntax.tokens import (
    PARAMETER_AGGREGATORS,
    PRECEDENCE,
    RESERVED,
    UNARY_PRECEDENCE,
    Kind,
)
from vedette.metrics.promql.syntax.types import check
from vedette.model.depth import MAX_NESTING, MAX_OPERATORS, allow_deep_trees
from vedette.model.labels import quote

BINOP_FILL = "promql-binop-fill-modifiers"
ALL_FEATURES = frozenset(
    (
        EXPERIMENTAL_FUNCTIONS,
        BINOP_FILL,
        "promql-extended-range-selectors",
        "promql-delayed-name-removal",
        "use-start-timestamps",
        "type-and-unit-labels",
    )
)


def parse(query: str, features: frozenset[str] = frozenset()) -> Expr:
    """The typed-checked tree of a query. Raises `ParseError`."""
    allow_deep_trees()
    cursor = Cursor(query, features)
    if len(cursor.tokens) == 1:
        raise ParseError("no expression found in input", query, 0)
    parser = _Parser(cursor)
    expr = parser.expr(0)
    if cursor.token.kind is not Kind.EOF:
        raise cursor.unexpected()
    check(expr, query)
    return expr


def parse_series_selector(query: str, features: frozenset[str] = frozenset()) -> Selector:
    """A selector alone, as `match[]` parameters carry it. Raises `ParseError`."""
    expr = parse(query, features)
    if not isinstance(expr, Selector):
        raise ParseError("expected a series selector", query, 0, len(query))
    if expr.offset is not None or expr.at is not None:
        raise ParseError("series selectors take no offset or @ modifier", query, 0, len(query))
    return expr


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0
        self.operators = 0

    def expr(self, least: int) -> Expr:
        """Precedence climbing: an expression whose operators bind at least as tight as `least`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            token = self.cursor.token
            raise self.cursor.fail("expression is nested too deeply", token.start, token.end)
        cursor = self.cursor
        left = self.unary()
        while cursor.token.kind is Kind.OPERATOR:
            op = cursor.token.word
            power = PRECEDENCE[op]
            if power < least:
                break
            self.operators += 1
            if self.operators > MAX_OPERATORS:
                raise cursor.fail(
                    f"expression has more than {MAX_OPERATORS} operators",
                    cursor.token.start,
                    cursor.token.end,
                )
            cursor.advance()
            bool_modifier, matching = self.binary_modifiers()
            right = self.expr(power if op == "^" else power + 1)
            left = Binary(op, left, right, bool_modifier, matching, start=left.start, end=right.end)
        self.depth -= 1
        return left

    def unary(self) -> Expr:
        cursor = self.cursor
        if not cursor.is_operator("+", "-"):
            return parse_modifiers(cursor, self.primary())
        token = cursor.advance()
        operand = self.expr(UNARY_PRECEDENCE + 1)
        if isinstance(operand, Number):
            value = -operand.value if token.text == "-" else operand.value
            return replace(operand, value=value, start=token.start)
        return Unary(token.text, operand, start=token.start, end=operand.end)

    def primary(self) -> Expr:
        cursor = self.cursor
        token = cursor.token
        match token.kind:
            case Kind.NUMBER | Kind.DURATION:
                cursor.advance()
                value = literal_seconds(cursor, token)
                return Number(value, token.kind is Kind.DURATION, start=token.start, end=token.end)
            case Kind.STRING:
                cursor.advance()
                return String(cursor.string(token), start=token.start, end=token.end)
            case Kind.PUNCTUATION if token.text == "(":
                cursor.advance()
                inner = self.expr(0)
                close = cursor.expect_punct(")", "", "")
                return Paren(inner, start=token.start, end=close.end)
            case Kind.PUNCTUATION if token.text == "{":
                return parse_selector(cursor, None)
            case Kind.AGGREGATOR:
                after = cursor.next_token
                if (after.kind is Kind.PUNCTUATION and after.text == "(") or (
                    after.kind is Kind.KEYWORD and after.word in ("by", "without")
                ):
                    return self.aggregation()
                cursor.advance()
                return parse_selector(cursor, token)
            case Kind.IDENTIFIER | Kind.METRIC | Kind.KEYWORD | Kind.OPERATOR if token.text[:1].isalpha() or (
                token.text[:1] in "_:"
            ):
                after = cursor.next_token
                if after.kind is Kind.PUNCTUATION and after.text == "(" and token.kind is not Kind.OPERATOR:
                    return self.call()
                if token.kind in (Kind.KEYWORD, Kind.OPERATOR) and token.word in RESERVED:
                    raise cursor.unexpected()
                cursor.advance()
                return parse_selector(cursor, token)
        raise cursor.unexpected()

    def call(self) -> Call:
        cursor = self.cursor
        token = cursor.advance()
        signature = SIGNATURES.get(token.text) or SIGNATURES.get(token.word)
        if signature is None or (token.kind is not Kind.KEYWORD and token.text != signature.name):
            raise cursor.fail(f"unknown function with name {quote(token.text)}", token.start, token.end)
        if signature.experimental and EXPERIMENTAL_FUNCTIONS not in cursor.features:
            raise cursor.fail(
                f"function {quote(token.text)} is not enabled, use --enable-feature={EXPERIMENTAL_FUNCTIONS}",
                token.start,
                token.end,
            )
        args = self.arguments()
        return Call(signature.name, args, start=token.start, end=cursor.last_end)

    def arguments(self) -> tuple[Expr, ...]:
        cursor = self.cursor
        cursor.expect_punct("(", "", "")
        args: list[Expr] = []
        if cursor.take_punct(")"):
            return ()
        while True:
            args.append(self.expr(0))
            if cursor.take_punct(")"):
                return tuple(args)
            if not cursor.is_punct(","):
                raise cursor.unexpected()
            comma = cursor.advance()
            if cursor.is_punct(")"):
                raise cursor.fail("trailing commas not allowed in function call args", comma.start, comma.end)

    def aggregation(self) -> Aggregation:
        cursor = self.cursor
        token = cursor.advance()
        op = token.word
        if op in ("limitk", "limit_ratio") and EXPERIMENTAL_FUNCTIONS not in cursor.features:
            raise cursor.fail(
                f"{op}() is experimental and must be enabled with --enable-feature={EXPERIMENTAL_FUNCTIONS}",
                token.start,
                token.end,
            )
        grouping, without, seen = self.grouping()
        args = self.arguments()
        if not seen:
            grouping, without, _ = self.grouping()
        end = cursor.last_end
        if not args:
            raise cursor.fail("no arguments for aggregate expression provided", token.start, end)
        wanted = 2 if op in PARAMETER_AGGREGATORS else 1
        if len(args) != wanted:
            raise cursor.fail(
                f"wrong number of arguments for aggregate expression provided, expected {wanted}, got {len(args)}",
                token.start,
                end,
            )
        param = args[0] if wanted == 2 else None
        return Aggregation(op, args[-1], param, grouping, without, start=token.start, end=end)

    def grouping(self) -> tuple[tuple[str, ...], bool, bool]:
        cursor = self.cursor
        if not cursor.is_keyword("by", "without"):
            return (), False, False
        without = cursor.advance().word == "without"
        return cursor.labels(), without, True

    def binary_modifiers(self) -> tuple[bool, Matching | None]:
        cursor = self.cursor
        bool_modifier = False
        if cursor.is_keyword("bool"):
            cursor.advance()
            bool_modifier = True
        on, card = False, Card.ONE_TO_ONE
        labels: tuple[str, ...] = ()
        include: tuple[str, ...] = ()
        seen = False
        if cursor.is_keyword("on", "ignoring"):
            on = cursor.advance().word == "on"
            labels = cursor.labels()
            seen = True
            if cursor.is_keyword("group_left", "group_right"):
                left = cursor.advance().word == "group_left"
                card = Card.MANY_TO_ONE if left else Card.ONE_TO_MANY
                if cursor.is_punct("("):
                    include = cursor.labels()
        fills = self.fills()
        if not fills and not (seen and (on or labels or include or card is not Card.ONE_TO_ONE)):
            return bool_modifier, None
        return bool_modifier, Matching(
            card, on, labels, include, fills.get("fill_left"), fills.get("fill_right")
        )

    def fills(self) -> dict[str, float]:
        cursor = self.cursor
        found: dict[str, float] = {}
        while cursor.is_keyword("fill", "fill_left", "fill_right"):
            after = cursor.next_token
            if after.kind is not Kind.PUNCTUATION or after.text != "(":
                break
            token = cursor.advance()
            if BINOP_FILL not in cursor.features:
                raise cursor.fail(
                    f"binop fill modifiers are experimental and not enabled, use --enable-feature={BINOP_FILL}",
                    token.start,
                    token.end,
                )
            cursor.advance()
            value = signed_number(cursor, token.word, "number")
            cursor.expect_punct(")", token.word)
            sides = ("fill_left", "fill_right") if token.word == "fill" else (token.word,)
            for side in sides:
                if side in found:
                    raise cursor.fail(
                        f"{token.word} may not be set multiple times", token.start, cursor.last_end
                    )
                found[side] = value
        return found
