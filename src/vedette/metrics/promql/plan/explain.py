"""The plan as text: one operator a line, inputs indented beneath."""

from __future__ import annotations

from vedette.metrics.promql.plan.nodes import (
    Aggregate,
    Call,
    Constant,
    MixedBinary,
    Negate,
    Once,
    Plan,
    RangeSelect,
    RangeSource,
    Raw,
    ScalarBinary,
    Select,
    SetOperation,
    SubquerySelect,
    Text,
    VectorBinary,
    Window,
    children,
)
from vedette.metrics.promql.syntax.printer import format_number, label_list, matching_text
from vedette.model.labels import METRIC_NAME, Matcher, MatchOp, is_legacy_metric_name, quote
from vedette.model.time import format_duration


def explain(plan: Plan | RangeSource) -> str:
    lines: list[str] = []
    _add(plan, "", lines)
    return "\n".join(lines)


def _add(plan: Plan | RangeSource, indent: str, lines: list[str]) -> None:
    lines.append(f"{indent}{line(plan)}")
    for child in children(plan):
        _add(child, indent + "  ", lines)


def _matchers(matchers: tuple[Matcher, ...]) -> str:
    """As a query would have it: a plain name stands before the braces."""
    names = [m for m in matchers if m.name == METRIC_NAME]
    name = ""
    if len(names) == 1 and names[0].op is MatchOp.EQUAL and is_legacy_metric_name(names[0].value):
        name = names[0].value
    rest = ",".join(str(m) for m in matchers if not (name and m.name == METRIC_NAME))
    return f"{name}{{{rest}}}" if rest or not name else name


def _time(offset: int, at: int | None) -> str:
    out = "" if at is None else f" @ {at / 1000:.3f}"
    return out + (f" offset {format_duration(offset)}" if offset else "")


def line(plan: Plan | RangeSource) -> str:
    """One operator in a few words."""
    match plan:
        case Constant(value=value):
            return f"number {format_number(value)}"
        case Text(value=value):
            return f"string {quote(value)}"
        case Select(matchers=matchers, offset=offset, at=at, smoothed=smoothed):
            return f"select {_matchers(matchers)}{' smoothed' if smoothed else ''}{_time(offset, at)}"
        case RangeSelect(matchers=matchers, span=span, offset=offset, at=at, extension=extension):
            tail = f" {extension.value}" if extension.value else ""
            return f"read {_matchers(matchers)}[{format_duration(span)}]{tail}{_time(offset, at)}"
        case SubquerySelect(span=span, step=step, offset=offset, at=at):
            return f"subquery [{format_duration(span)}:{format_duration(step)}]{_time(offset, at)}"
        case Window(function=function):
            return f"window {function}"
        case Raw():
            return "raw samples"
        case Call(function=function):
            return f"call {function}"
        case Aggregate(op=op, grouping=grouping, without=without, streamed=streamed):
            how = f" without ({label_list(grouping)})" if without else ""
            how = f" by ({label_list(grouping)})" if grouping and not without else how
            return f"aggregate {op}{how}{', in batches' if streamed else ''}"
        case Negate():
            return "negate"
        case Once():
            return "once for all steps"
        case ScalarBinary(op=op, bool_modifier=flag):
            return f"scalars {op}{' bool' if flag else ''}"
        case MixedBinary(op=op, bool_modifier=flag):
            return f"vector and scalar {op}{' bool' if flag else ''}"
        case VectorBinary(op=op, matching=matching, bool_modifier=flag):
            return f"join {op}{' bool' if flag else ''}{matching_text(matching)}"
        case SetOperation(op=op, matching=matching):
            return f"set {op}{matching_text(matching)}"
    raise TypeError(f"BUG: no text for {type(plan).__name__}")
