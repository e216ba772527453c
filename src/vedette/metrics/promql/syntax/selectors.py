"""Selectors and everything that may follow an expression: `[5m]`, `[5m:1m]`, `offset`, `@`, `anchored`, `smoothed`."""

from __future__ import annotations

import math
from dataclasses import replace

from vedette.metrics.promql.syntax.cursor import Cursor, is_label_word
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
from vedette.model.labels import METRIC_NAME, Matcher, MatchOp, RegexError

EXTENDED_RANGE_SELECTORS = "promql-extended-range-selectors"
_MAX_SECONDS = (1 << 63) / 1000


def parse_selector(cursor: Cursor, name: Token | None) -> Selector:
    """From the opening brace, or from behind a bare metric name."""
    start = cursor.token.start if name is None else name.start
    matchers: list[Matcher] = []
    metric = name.text if name is not None else ""
    if cursor.is_punct("{"):
        matchers = _matchers(cursor)
    if name is not None:
        matchers.append(Matcher(METRIC_NAME, MatchOp.EQUAL, metric))
    return Selector(metric, tuple(matchers), start=start, end=cursor.last_end)


def _matchers(cursor: Cursor) -> list[Matcher]:
    cursor.advance()
    found: list[Matcher] = []
    while not cursor.is_punct("}"):
        token = cursor.token
        if token.kind is Kind.STRING:
            label = cursor.string(token)
        elif is_label_word(token):
            label = token.text
        else:
            raise cursor.unexpected("label matching", 'identifier or "}"')
        cursor.advance()
        if token.kind is Kind.STRING and (cursor.is_punct(",") or cursor.is_punct("}")):
            found.append(Matcher(METRIC_NAME, MatchOp.EQUAL, label))
        else:
            found.append(_matcher(cursor, label))
        if not cursor.take_punct(",") and not cursor.is_punct("}"):
            raise cursor.unexpected("label matching", '"," or "}"')
    cursor.advance()
    return found


def _matcher(cursor: Cursor, label: str) -> Matcher:
    op = cursor.token
    if op.kind is not Kind.PUNCTUATION or op.text not in ("=", "!=", "=~", "!~"):
        raise cursor.unexpected("label matching", "label matching operator")
    cursor.advance()
    value = cursor.token
    if value.kind is not Kind.STRING:
        raise cursor.unexpected("label matching", "string")
    cursor.advance()
    try:
        return Matcher(label, MatchOp(op.text), cursor.string(value))
    except RegexError as error:
        raise cursor.fail(str(error), op.start, value.end) from None


def parse_modifiers(cursor: Cursor, expr: Expr) -> Expr:
    """Everything that binds tighter than any operator."""
    while True:
        if cursor.is_punct("["):
            expr = _brackets(cursor, expr)
        elif cursor.is_keyword("offset"):
            cursor.advance()
            expr = _with_offset(cursor, expr, _in_milliseconds(parse_offset(cursor)))
        elif cursor.is_punct("@"):
            cursor.advance()
            expr = _with_at(cursor, expr)
        elif cursor.is_keyword("anchored", "smoothed"):
            expr = _with_extension(cursor, expr)
        else:
            return expr


def _brackets(cursor: Cursor, expr: Expr) -> Expr:
    cursor.advance()
    window = _in_milliseconds(parse_window(cursor, "subquery or range selector"))
    _check_positive(cursor, window)
    if cursor.take_punct(":"):
        step = None
        if not cursor.is_punct("]"):
            step = _in_milliseconds(parse_window(cursor, "subquery selector"))
            _check_positive(cursor, step)
        close = cursor.expect_punct("]", "subquery selector")
        return Subquery(expr, window, step, start=expr.start, end=close.end)
    close = cursor.expect_punct("]", "subquery or range", '":" or "]"')
    if not isinstance(expr, Selector):
        raise cursor.fail("ranges only allowed for vector selectors", expr.start, close.end)
    if expr.offset is not None:
        raise cursor.fail("no offset modifiers allowed before range", expr.start, close.end)
    if expr.at is not None:
        raise cursor.fail("no @ modifiers allowed before range", expr.start, close.end)
    return Range(expr, window, start=expr.start, end=close.end)


def _in_milliseconds(duration: Duration) -> Duration:
    """A plain number of seconds, as exact as the clock is."""
    if isinstance(duration, DurationNumber) and math.isfinite(duration.seconds):
        return replace(duration, seconds=round(duration.seconds * 1000) / 1000)
    return duration


def _check_positive(cursor: Cursor, window: Duration) -> None:
    if isinstance(window, DurationNumber) and round(window.seconds * 1000) <= 0:
        raise cursor.fail("duration must be greater than 0", window.start, window.end)


def _with_offset(cursor: Cursor, expr: Expr, given: Duration) -> Expr:
    end = cursor.last_end
    # An offset of nothing is none, and may be set again.
    offset = None if isinstance(given, DurationNumber) and given.seconds == 0 else given
    match expr:
        case Selector(offset=None) | Subquery(offset=None):
            return replace(expr, offset=offset, end=end)
        case Range(selector=Selector(offset=None)):
            return replace(expr, selector=replace(expr.selector, offset=offset), end=end)
        case Selector() | Subquery() | Range():
            raise cursor.fail("offset may not be set multiple times", expr.start, end)
    raise cursor.fail(
        "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        expr.start,
        expr.end,
    )


def _with_at(cursor: Cursor, expr: Expr) -> Expr:
    at: float | AtAnchor
    if cursor.is_keyword("start", "end"):
        at = AtAnchor.START if cursor.advance().word == "start" else AtAnchor.END
        cursor.expect_punct("(", "@")
        cursor.expect_punct(")", "@")
    else:
        token = cursor.token
        at = signed_number(cursor, "@", "timestamp")
        if not math.isfinite(at) or abs(at) >= _MAX_SECONDS:
            raise cursor.fail(f"timestamp out of bounds for @ modifier: {at:f}", token.start, cursor.last_end)
        # The clock has milliseconds.
        at = round(at * 1000) / 1000
    end = cursor.last_end
    match expr:
        case Selector(at=None) | Subquery(at=None):
            return replace(expr, at=at, end=end)
        case Range(selector=Selector(at=None)):
            return replace(expr, selector=replace(expr.selector, at=at), end=end)
        case Selector() | Subquery() | Range():
            raise cursor.fail("@ <timestamp> may not be set multiple times", expr.start, end)
    raise cursor.fail(
        "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        expr.start,
        expr.end,
    )


def _with_extension(cursor: Cursor, expr: Expr) -> Expr:
    token = cursor.advance()
    if EXTENDED_RANGE_SELECTORS not in cursor.features:
        raise cursor.fail(
            f"{token.word} modifier is experimental and not enabled, "
            f"use --enable-feature={EXTENDED_RANGE_SELECTORS}",
            token.start,
            token.end,
        )
    extension = Extension(token.word)
    match expr:
        case Selector():
            _check_extension(cursor, expr, extension, token)
            return replace(expr, extension=extension, end=token.end)
        case Range(selector):
            _check_extension(cursor, selector, extension, token)
            return replace(expr, selector=replace(selector, extension=extension), end=token.end)
        case Subquery():
            raise cursor.fail(f"{token.word} modifier is not supported for subqueries", expr.start, token.end)
    raise cursor.fail(f"{token.word} modifier not implemented", expr.start, token.end)


def _check_extension(cursor: Cursor, selector: Selector, extension: Extension, token: Token) -> None:
    if selector.extension not in (Extension.NONE, extension):
        raise cursor.fail(
            "anchored and smoothed modifiers cannot be used together", selector.start, token.end
        )
