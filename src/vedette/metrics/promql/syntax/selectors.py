"""Selectors and everything that may follow an expression: `[5m]`, `[5m:1m]`, `offset`, `@`, `anchored`, `smoothed`."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.durations import parse_offset, parse_window
from vedette.metrics.promql.syntax.nodes import (
    AtAnchor,
    Duration,
    DurationNumber,
    Expr,
    Extension,
    Range,
    Selector,
    Subquery,
)
from vedette.metrics.promql.syntax.numbers import signed_number
from vedette.metrics.promql.syntax.tokens import Kind, Token
from vedette.model.depth import MAX_NESTING
from vedette.model.labels import METRIC_NAME, Matcher, MatchOp, RegexError

EXTENDED_RANGE_SELECTORS = "promql-extended-range-selectors"
# What the clock can hold, in seconds: milliseconds of 64 bits.
_MAX_SECONDS = (1 << 63) / 1000
_MATCH_OPERATORS = frozenset(("=", "!=", "=~", "!~"))
_NUMBER = "number, duration, step(), or range()"
# What each part of `[range:step]` and the modifiers say of a token that fits nowhere in them.
_IN_BRACKETS = ("subquery or range selector", _NUMBER)
_BEHIND_RANGE = ("subquery or range", '":" or "]"')
_BEHIND_COLON = ("subquery selector", 'number, duration, step(), range(), or "]"')
_BEHIND_STEP = ("subquery selector", '"]"')
_OFFSET = ("offset", _NUMBER)
_AT = ("@", "timestamp")


def parse_selector(cursor: Cursor, name: Token | None) -> Selector:
    """From the opening brace, or from behind a bare metric name."""
    start = cursor.token.start if name is None else name.start
    matchers: list[Matcher] = []
    if cursor.is_punct("{"):
        matchers = _matchers(cursor)
    if name is None:
        return Selector("", tuple(matchers), start=start, end=cursor.last_end)
    matchers.append(Matcher(METRIC_NAME, MatchOp.EQUAL, name.text))
    return Selector(name.text, tuple(matchers), start=start, end=cursor.last_end)


def _matchers(cursor: Cursor) -> list[Matcher]:
    cursor.advance()
    found: list[Matcher] = []
    while not cursor.is_punct("}"):
        token = cursor.token
        if token.kind is Kind.STRING:
            label = cursor.string(token)
        elif token.kind is Kind.IDENTIFIER:
            label = token.text
        else:
            raise cursor.unexpected("label matching", 'identifier or "}"')
        cursor.advance()
        if cursor.token.text in _MATCH_OPERATORS and cursor.token.kind is not Kind.STRING:
            found.append(_matcher(cursor, label, token))
        elif token.kind is Kind.STRING:
            found.append(Matcher(METRIC_NAME, MatchOp.EQUAL, label))
        else:
            raise cursor.unexpected("label matching", "label matching operator")
        if not cursor.take_punct(",") and not cursor.is_punct("}"):
            raise cursor.unexpected("label matching", '"," or "}"')
    cursor.advance()
    return found


def _matcher(cursor: Cursor, label: str, first: Token) -> Matcher:
    op = cursor.advance()
    value = cursor.token
    if value.kind is not Kind.STRING:
        raise cursor.unexpected("label matching", "string")
    cursor.advance()
    try:
        return Matcher(label, op.text, cursor.string(value))
    except RegexError as error:
        raise cursor.fail(str(error), first.start, value.end) from None


def parse_modifiers(cursor: Cursor, expr: Expr) -> Expr:
    """Everything that binds tighter than any operator."""
    subqueries = 0
    while True:
        token = cursor.token
        kind = token.kind
        if kind is Kind.PUNCTUATION and token.text == "[":
            # Subqueries of subqueries are refused by their type, but only once the whole tree stands.
            subqueries += 1
            if subqueries > MAX_NESTING:
                raise cursor.fail("expression is nested too deeply", token.start, token.end)
            expr = _brackets(cursor, expr)
        elif kind is Kind.OPERATOR and token.text == "@":
            expr = _at(cursor, expr)
        elif kind is Kind.KEYWORD and token.word == "offset":
            expr = _offset(cursor, expr)
        elif kind is Kind.KEYWORD and token.word in ("anchored", "smoothed"):
            expr = _extension(cursor, expr)
        else:
            return expr


def _brackets(cursor: Cursor, expr: Expr) -> Expr:
    outer = cursor.place
    opening = cursor.advance()
    cursor.place = _IN_BRACKETS
    window = _positive(cursor)
    cursor.place = _BEHIND_RANGE
    if cursor.take_punct(":"):
        step = None
        if not cursor.is_punct("]"):
            cursor.place = _BEHIND_COLON
            step = _positive(cursor)
            cursor.place = _BEHIND_STEP
        close = cursor.expect_punct("]")
        cursor.place = outer
        return Subquery(expr, window, step, start=expr.start, end=close.end)
    close = cursor.expect_punct("]")
    cursor.place = outer
    if not isinstance(expr, Selector):
        raise cursor.fail("ranges only allowed for vector selectors", opening.start, close.end)
    if isinstance(expr.offset, DurationNumber):
        raise cursor.fail("no offset modifiers allowed before range", opening.start, close.end)
    if expr.at is not None and not isinstance(expr.at, AtAnchor):
        raise cursor.fail("no @ modifiers allowed before range", opening.start, close.end)
    return Range(expr, window, start=expr.start, end=close.end)


def _positive(cursor: Cursor) -> Duration:
    window = parse_window(cursor)
    cursor.look()
    if isinstance(window, DurationNumber) and not window.seconds > 0:
        raise cursor.fail("duration must be greater than 0", window.start, window.end)
    return window


def _offset(cursor: Cursor, expr: Expr) -> Expr:
    outer = cursor.place
    cursor.advance()
    cursor.place = _OFFSET
    given = parse_offset(cursor)
    cursor.place = outer
    end = cursor.last_end
    # An offset of nothing is none, and may be set again.
    offset = None if isinstance(given, DurationNumber) and given.nanoseconds == 0 else given
    match expr:
        case Selector(offset=None) | Subquery(offset=None):
            return replace(expr, offset=offset, end=end)
        case Range(selector=Selector(offset=None)):
            return replace(expr, selector=replace(expr.selector, offset=offset), end=end)
        case Selector() | Subquery() | Range():
            raise cursor.fail("offset may not be set multiple times", expr.start, expr.end)
    raise cursor.fail(
        "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        expr.start,
        expr.end,
    )


def _at(cursor: Cursor, expr: Expr) -> Expr:
    outer = cursor.place
    cursor.advance()
    cursor.place = _AT
    token = cursor.token
    at: float | AtAnchor
    if token.kind is Kind.PREPROCESSOR and token.word in ("start", "end"):
        at = AtAnchor.START if cursor.advance().word == "start" else AtAnchor.END
        cursor.expect_punct("(")
        cursor.expect_punct(")")
    else:
        at = signed_number(cursor)
        if not math.isfinite(at) or abs(at) >= _MAX_SECONDS:
            shown = f"{at:f}" if math.isfinite(at) else _INFINITE.get(at, "NaN")
            raise cursor.fail(f"timestamp out of bounds for @ modifier: {shown}", expr.start, expr.end)
        # The clock has milliseconds; halves go away from 0.
        at = math.copysign(math.floor(abs(at) * 1000 + 0.5) / 1000, at) + 0.0
    cursor.place = outer
    end = cursor.last_end
    match expr:
        case Selector(at=None) | Subquery(at=None):
            return replace(expr, at=at, end=end)
        case Range(selector=Selector(at=None)):
            return replace(expr, selector=replace(expr.selector, at=at), end=end)
        case Selector() | Subquery() | Range():
            raise cursor.fail("@ <timestamp> may not be set multiple times", expr.start, expr.end)
    raise cursor.fail(
        "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        expr.start,
        expr.end,
    )


_INFINITE = {math.inf: "+Inf", -math.inf: "-Inf"}


def _extension(cursor: Cursor, expr: Expr) -> Expr:
    token = cursor.advance()
    if EXTENDED_RANGE_SELECTORS not in cursor.features:
        raise cursor.fail(f"{token.word} modifier is experimental and not enabled", expr.start, expr.end)
    extension = Extension(token.word)
    match expr:
        case Selector():
            _check_extension(cursor, expr, expr, extension)
            return replace(expr, extension=extension)
        case Range(selector):
            _check_extension(cursor, expr, selector, extension)
            return replace(expr, selector=replace(selector, extension=extension))
        case Subquery():
            raise cursor.fail(f"{token.word} modifier is not supported for subqueries", expr.start, expr.end)
    raise cursor.fail(f"{token.word} modifier not implemented", expr.start, expr.end)


def _check_extension(cursor: Cursor, expr: Expr, selector: Selector, extension: Extension) -> None:
    if selector.extension not in (Extension.NONE, extension):
        raise cursor.fail("anchored and smoothed modifiers cannot be used together", expr.start, expr.end)
