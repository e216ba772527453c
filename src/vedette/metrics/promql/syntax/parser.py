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
    ValueType,
)
from vedette.metrics.promql.syntax.numbers import literal_seconds, signed_number
from vedette.metrics.promql.syntax.selectors import parse_modifiers, parse_selector
from vedette.metrics.promql.syntax.signatures import EXPERIMENTAL_FUNCTIONS, SIGNATURES
from vedette.metrics.promql.syntax.tokens import (
    EXPERIMENTAL_AGGREGATORS,
    FILLS,
    PARAMETER_AGGREGATORS,
    PRECEDENCE,
    RESERVED,
    UNARY_PRECEDENCE,
    Kind,
    Token,
)
from vedette.metrics.promql.syntax.types import check, type_of
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


_AGGREGATION = ("aggregation", "")


def parse(query: str, features: frozenset[str] = frozenset()) -> Expr:
    """The typed-checked tree of a query. Raises `ParseError`."""
    allow_deep_trees()
    cursor = Cursor(query, features)
    if cursor.at_end():
        raise ParseError("no expression found in input", query, 0)
    expr = _Parser(cursor).expr(0)
    if not cursor.at_end():
        raise cursor.unexpected()
    check(expr, query)
    return expr


def parse_series_selector(query: str, features: frozenset[str] = frozenset()) -> Selector:
    """A selector alone, as `match[]` parameters carry it; it may match everything. Raises `ParseError`."""
    cursor = Cursor(query, features)
    token = cursor.token
    name = None
    if not cursor.is_punct("{"):
        if not names_a_metric(token):
            raise cursor.unexpected()
        name = cursor.advance()
    selector = parse_selector(cursor, name)
    if not cursor.at_end():
        raise cursor.unexpected()
    return selector


def names_a_metric(token: Token) -> bool:
    """Whether the token may stand for a metric: names, and every word that is not reserved."""
    match token.kind:
        case Kind.IDENTIFIER | Kind.METRIC | Kind.AGGREGATOR | Kind.PREPROCESSOR:
            return True
        case Kind.KEYWORD:
            return token.word not in RESERVED
        case Kind.OPERATOR:
            return token.word.isalpha() and token.word not in RESERVED
    return False


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0
        self.operators = 0

    def expr(self, least: int) -> Expr:
        """Precedence climbing: an expression whose operators bind at least as tight as `least`."""
        cursor = self.cursor
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise cursor.fail("expression is nested too deeply", cursor.token.start, cursor.token.end)
        left = self.unary()
        while (token := cursor.token).kind is Kind.OPERATOR:
            op = token.word
            power = PRECEDENCE.get(op)
            if power is None or power < least:
                break
            self.operators += 1
            if self.operators > MAX_OPERATORS:
                raise cursor.fail(
                    f"expression has more than {MAX_OPERATORS} operators", token.start, token.end
                )
            cursor.advance()
            bool_modifier, matching = self.binary_modifiers()
            right = self.expr(power if op == "^" else power + 1)
            left = self.binary(op, left, right, bool_modifier, matching)
        self.depth -= 1
        return left

    def binary(
        self, op: str, left: Expr, right: Expr, bool_modifier: bool, matching: Matching | None
    ) -> Binary:
        if matching is not None:
            filled = not (matching.fill_left is None and matching.fill_right is None)
            if filled and BINOP_FILL not in self.cursor.features:
                self.cursor.look()
                raise self.cursor.fail(
                    "binop fill modifiers are experimental and not enabled", left.start, right.end
                )
            # Between anything but vectors `on ()` and `group_left ()` say nothing.
            if not (matching.labels or filled) and not (_is_vector(right) and _is_vector(left)):
                matching = None
        return Binary(op, left, right, bool_modifier, matching, start=left.start, end=right.end)

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
        kind = token.kind
        if kind is Kind.NUMBER or kind is Kind.DURATION:
            cursor.advance()
            value = literal_seconds(cursor, token)
            return Number(value, kind is Kind.DURATION, start=token.start, end=token.end)
        if kind is Kind.STRING:
            cursor.advance()
            return String(cursor.string(token), start=token.start, end=token.end)
        if kind is Kind.PUNCTUATION:
            if token.text == "{":
                return parse_selector(cursor, None)
            if token.text == "(":
                cursor.advance()
                inner = self.expr(0)
                close = cursor.expect_punct(")")
                return Paren(inner, start=token.start, end=close.end)
            raise cursor.unexpected()
        after = cursor.next_token
        opens = after.kind is Kind.PUNCTUATION and after.text == "("
        if kind is Kind.AGGREGATOR:
            if opens or (after.kind is Kind.KEYWORD and after.word in ("by", "without")):
                return self.aggregation()
        elif opens and (kind is Kind.IDENTIFIER or kind is Kind.PREPROCESSOR):
            return self.call()
        if not names_a_metric(token):
            raise cursor.unexpected()
        cursor.advance()
        return parse_selector(cursor, token)

    def call(self) -> Call:
        cursor = self.cursor
        token = cursor.advance()
        args = self.arguments()
        signature = SIGNATURES.get(token.text)
        if signature is None:
            raise cursor.fail(f"unknown function with name {quote(token.text)}", token.start, token.end)
        if signature.experimental and EXPERIMENTAL_FUNCTIONS not in cursor.features:
            raise cursor.fail(f"function {quote(token.text)} is not enabled", token.start, token.end)
        return Call(signature.name, args, start=token.start, end=cursor.last_end)

    def arguments(self) -> tuple[Expr, ...]:
        cursor = self.cursor
        cursor.expect_punct("(")
        args: list[Expr] = []
        if cursor.take_punct(")"):
            return ()
        while True:
            args.append(self.expr(0))
            if cursor.take_punct(")"):
                return tuple(args)
            comma = cursor.token
            if not cursor.take_punct(","):
                raise cursor.unexpected()
            if not _may_begin(cursor.look()):
                raise cursor.fail("trailing commas not allowed in function call args", comma.start, comma.end)

    def aggregation(self) -> Aggregation:
        cursor = self.cursor
        outer = cursor.place
        cursor.place = _AGGREGATION
        token = cursor.advance()
        op = token.word
        grouping, without, seen = self.grouping()
        args = self.arguments()
        if not seen:
            cursor.look()
            grouping, without, _ = self.grouping()
        cursor.place = outer
        end = cursor.last_end
        if not args:
            raise cursor.fail("no arguments for aggregate expression provided", token.start, end)
        if op in EXPERIMENTAL_AGGREGATORS and EXPERIMENTAL_FUNCTIONS not in cursor.features:
            raise cursor.fail(
                f"{op}() is experimental and must be enabled with --enable-feature={EXPERIMENTAL_FUNCTIONS}",
                token.start,
                end,
            )
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
        if cursor.token.kind is not Kind.KEYWORD:
            return False, None
        bool_modifier = False
        if cursor.is_keyword("bool"):
            cursor.advance()
            bool_modifier = True
        on, card = False, Card.ONE_TO_ONE
        labels: tuple[str, ...] = ()
        include: tuple[str, ...] = ()
        if cursor.is_keyword("on", "ignoring"):
            on = cursor.advance().word == "on"
            labels = cursor.labels()
            if cursor.is_keyword("group_left", "group_right"):
                left = cursor.advance().word == "group_left"
                card = Card.MANY_TO_ONE if left else Card.ONE_TO_MANY
                if cursor.is_punct("(") or not _may_begin(cursor.look()):
                    include = cursor.labels()
        fills = self.fills()
        if not (fills or on or labels or card is not Card.ONE_TO_ONE):
            return bool_modifier, None
        return bool_modifier, Matching(
            card, on, labels, include, fills.get("fill_left"), fills.get("fill_right")
        )

    def fills(self) -> dict[str, float]:
        """`fill (x)`, or `fill_left (x)` and `fill_right (y)` in either order, each once."""
        found: dict[str, float] = {}
        cursor = self.cursor
        while cursor.token.kind is Kind.KEYWORD and cursor.token.word in FILLS:
            sides = ("fill_left", "fill_right") if cursor.token.word == "fill" else (cursor.token.word,)
            if any(side in found for side in sides):
                # Not a modifier any more, but the name of the right side.
                break
            cursor.advance()
            cursor.expect_punct("(")
            value = signed_number(cursor)
            cursor.expect_punct(")")
            found.update(dict.fromkeys(sides, value))
        return found


def _is_vector(expr: Expr) -> bool:
    return type_of(expr) is ValueType.VECTOR


def _may_begin(token: Token) -> bool:
    """Whether an expression may begin with the token."""
    return (
        token.kind in (Kind.NUMBER, Kind.DURATION, Kind.STRING)
        or token.text in ("(", "{", "+", "-")
        or names_a_metric(token)
    )
