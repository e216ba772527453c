"""Durations that are computed, such as `5m + step()`, as milliseconds of one evaluation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vedette.metrics.promql.errors import DurationFault
from vedette.metrics.promql.syntax.durations import MAX_SECONDS
from vedette.metrics.promql.syntax.nodes import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationParen,
    DurationUnary,
)


@dataclass(frozen=True, slots=True)
class DurationContext:
    """What `step()` and `range()` stand for, in milliseconds; both 0 in an instant query."""

    query: str
    step_ms: int = 0
    range_ms: int = 0


def evaluate(duration: Duration, context: DurationContext) -> int:
    """Milliseconds of a duration. Raises `DurationFault` for division by zero and for what no clock can hold."""
    return _milliseconds(duration, context, may_be_negative=True)


def evaluate_positive(duration: Duration, context: DurationContext) -> int:
    """As `evaluate`, and refuses what is no length of time."""
    ms = _milliseconds(duration, context, may_be_negative=False)
    if ms <= 0:
        raise _fault("duration must be greater than 0", duration, context)
    return ms


def _milliseconds(duration: Duration, context: DurationContext, *, may_be_negative: bool) -> int:
    if isinstance(duration, DurationNumber):
        return duration.milliseconds
    seconds = _seconds(duration, context)
    if not math.isfinite(seconds):
        raise _fault("duration is NaN or infinite", duration, context)
    if seconds <= 0 and not may_be_negative:
        raise _fault("duration must be greater than 0", duration, context)
    if abs(seconds) > MAX_SECONDS:
        raise _fault("duration is out of range", duration, context)
    return int(seconds * 1000)


def _fault(message: str, duration: Duration, context: DurationContext) -> DurationFault:
    start, end = _place(duration)
    return DurationFault(message, context.query, start, end)


def _place(duration: Duration) -> tuple[int, int]:
    """The original leaves enclosing parentheses out, and the names of functions around arguments."""
    match duration:
        case DurationParen(arg):
            return _place(arg)
        case DurationBinary(_, left, right) | DurationCall(_, (left, right)):
            return _place(left)[0], _place(right)[1]
        case DurationUnary(_, arg):
            return duration.start, _place(arg)[1]
    return duration.start, duration.end


def _seconds(duration: Duration, context: DurationContext) -> float:
    match duration:
        case DurationNumber(seconds):
            return seconds
        case DurationParen(arg):
            return _seconds(arg, context)
        case DurationUnary(op, arg):
            value = _seconds(arg, context)
            return -value if op == "-" else value
        case DurationCall("step"):
            return context.step_ms / 1000
        case DurationCall("range"):
            return context.range_ms / 1000
        case DurationCall(name, (a, b)):
            return _pick(name, _seconds(a, context), _seconds(b, context))
        case DurationBinary(op, left, right):
            return _arithmetic(duration, op, _seconds(left, context), _seconds(right, context), context)
    raise TypeError(f"BUG: no duration {duration!r}")


def _pick(name: str, a: float, b: float) -> float:
    least, most = sorted((a, b)) if a == a and b == b else (math.nan, math.nan)
    return least if name == "min_of" else most


def _arithmetic(node: Duration, op: str, a: float, b: float, context: DurationContext) -> float:
    if b == 0 and op in "/%":
        what = "division" if op == "/" else "modulo"
        raise _fault(f"{what} by zero", node, context)
    try:
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b
            case "%":
                return math.fmod(a, b)
            case _:
                return math.pow(a, b)
    except (ValueError, OverflowError):
        return math.nan
