"""What each expression evaluates to, and the checks that need it."""

from __future__ import annotations

from typing import NoReturn

from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Expr,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    ValueType,
)
from vedette.metrics.promql.syntax.signatures import SIGNATURES, Signature
from vedette.metrics.promql.syntax.tokens import COMPARISONS, SET_OPERATORS
from vedette.model.labels import METRIC_NAME, quote

SCALAR, STRING, VECTOR, MATRIX = ValueType.SCALAR, ValueType.STRING, ValueType.VECTOR, ValueType.MATRIX


def type_of(expr: Expr) -> ValueType:
    match expr:
        case Number():
            return SCALAR
        case String():
            return STRING
        case Selector() | Aggregation():
            return VECTOR
        case Range() | Subquery():
            return MATRIX
        case Paren(inner) | Unary(_, inner):
            return type_of(inner)
        case Binary(_, left, right):
            # The right side first: in a row of operators it is the short one.
            return SCALAR if type_of(right) is SCALAR and type_of(left) is SCALAR else VECTOR
        case Call(name):
            return SIGNATURES[name].returns


def check(expr: Expr, query: str) -> None:
    """Raises `ParseError` at the first expression that can't have the type its place demands."""
    _Checker(query).check(expr)


class _Checker:
    def __init__(self, query: str) -> None:
        self.query = query

    def fail(self, node: Node, message: str) -> NoReturn:
        raise ParseError(message, self.query, node.start, node.end)

    def fail_at_operator(self, node: Binary, message: str) -> NoReturn:
        start, end = node.left.end, node.right.start
        while start < end and self.query[start].isspace():
            start += 1
        raise ParseError(message, self.query, start, end)

    def expect(self, expr: Expr, wanted: ValueType, context: str) -> None:
        got = self.check(expr)
        if got is not wanted:
            self.fail(expr, f"expected type {wanted.value} in {context}, got {got.value}")

    def check(self, expr: Expr) -> ValueType:
        """The type of the expression, everything below it checked."""
        match expr:
            case Selector():
                self.selector(expr)
                return VECTOR
            case Range(selector):
                self.selector(selector)
                return MATRIX
            case Call():
                return self.call(expr)
            case Aggregation():
                self.aggregation(expr)
                return VECTOR
            case Binary():
                return self.binary(expr)
            case Paren(inner):
                return self.check(inner)
            case Number():
                return SCALAR
            case String():
                return STRING
            case Unary(_, inner):
                got = self.check(inner)
                if got not in (SCALAR, VECTOR):
                    self.fail(
                        expr,
                        "unary expression only allowed on expressions of type scalar or instant vector, "
                        f'got "{got.value}"',
                    )
                return got
            case Subquery(inner):
                got = self.check(inner)
                if got is not VECTOR:
                    self.fail(expr, f"subquery is only allowed on instant vector, got {got.api_name} instead")
                return MATRIX

    def selector(self, node: Selector, *, may_match_all: bool = False) -> None:
        if node.name:
            # The last matcher is the one of the name itself.
            for matcher in node.matchers[:-1]:
                if matcher.name == METRIC_NAME:
                    self.fail(
                        node,
                        f"metric name must not be set twice: {quote(node.name)} or {quote(matcher.value)}",
                    )
            return
        if not may_match_all and all(m.matches("") for m in node.matchers):
            self.fail(node, "vector selector must contain at least one non-empty matcher")

    def aggregation(self, node: Aggregation) -> None:
        self.expect(node.expr, VECTOR, "aggregation expression")
        if node.param is not None:
            wanted = STRING if node.op == "count_values" else SCALAR
            self.expect(node.param, wanted, "aggregation parameter")

    def binary(self, node: Binary) -> ValueType:
        left, right = self.check(node.left), self.check(node.right)
        op, matching = node.op, node.matching
        if node.bool_modifier and op not in COMPARISONS:
            self.fail_at_operator(node, "bool modifier can only be used on comparison operators")
        if op in COMPARISONS and not node.bool_modifier and left is SCALAR and right is SCALAR:
            self.fail_at_operator(node, "comparisons between scalars must use BOOL modifier")
        if matching is not None and matching.on:
            for label in matching.labels:
                if label in matching.include:
                    self.fail_at_operator(
                        node, f"label {quote(label)} must not occur in ON and GROUP clause at once"
                    )
        for side, got in ((node.left, left), (node.right, right)):
            if got not in (SCALAR, VECTOR):
                self.fail(side, "binary expression must contain only scalar and instant vector types")
        filled = matching is not None and not (matching.fill_left is None and matching.fill_right is None)
        if left is not VECTOR or right is not VECTOR:
            if matching is not None and matching.labels:
                self.fail(node, "vector matching only allowed between instant vectors")
            if filled:
                self.fail(node, "filling in missing series only allowed between instant vectors")
            if op in SET_OPERATORS:
                self.fail(node, f"set operator {quote(op)} not allowed in binary scalar expression")
        elif op in SET_OPERATORS and matching is not None:
            if matching.card in (Card.MANY_TO_ONE, Card.ONE_TO_MANY):
                self.fail(node, f"no grouping allowed for {quote(op)} operation")
            if filled:
                self.fail(node, "filling in missing series not allowed for set operators")
        return SCALAR if left is SCALAR and right is SCALAR else VECTOR

    def call(self, node: Call) -> ValueType:
        signature = SIGNATURES[node.function]
        self.count_arguments(node, signature)
        chooses_info = node.function == "info" and len(node.args) > 1
        if chooses_info:
            self.info_selector(node, node.args[1])
        for i, arg in enumerate(node.args):
            if chooses_info and i == 1 and isinstance(arg, Selector):
                self.selector(arg, may_match_all=True)
                continue
            wanted = signature.args[min(i, len(signature.args) - 1)]
            got = self.check(arg)
            if got is not wanted:
                self.fail(
                    arg,
                    f"expected type {wanted.value} in call to function {quote(node.function)}, got {got.value}",
                )
        return signature.returns

    def info_selector(self, node: Call, arg: Expr) -> None:
        got = type_of(arg)
        if got is not VECTOR:
            self.fail(node, f'expected type {VECTOR.value} in call to function "info", got {got.value}')
        if not isinstance(arg, Selector):
            self.fail(arg, "expected label selectors only")
        if arg.name:
            self.fail(arg, "expected label selectors only, got vector selector instead")

    def count_arguments(self, node: Call, signature: Signature) -> None:
        wanted, got, name = len(signature.args), len(node.args), quote(node.function)
        if signature.variadic == 0:
            if got != wanted:
                self.fail(node, f"expected {wanted} argument(s) in call to {name}, got {got}")
            return
        least = wanted - 1
        if got < least:
            self.fail(node, f"expected at least {least} argument(s) in call to {name}, got {got}")
        most = least + signature.variadic
        if signature.variadic > 0 and got > most:
            self.fail(node, f"expected at most {most} argument(s) in call to {name}, got {got}")
