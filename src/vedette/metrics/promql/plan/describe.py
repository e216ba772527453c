"""The plan as data: each operator with its parameters, for programs and for pictures."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from vedette.metrics.promql.plan.explain import line
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
from vedette.metrics.promql.syntax.nodes import Extension, Matching
from vedette.metrics.promql.syntax.printer import format_number
from vedette.model.labels import Matcher
from vedette.model.time import format_duration

OPERATORS: dict[type, str] = {
    Constant: "number",
    Text: "string",
    Select: "select",
    RangeSelect: "read",
    SubquerySelect: "subquery",
    Window: "window",
    Raw: "raw samples",
    Call: "call",
    Aggregate: "aggregate",
    Negate: "negate",
    Once: "once",
    ScalarBinary: "scalars",
    MixedBinary: "vector and scalar",
    VectorBinary: "join",
    SetOperation: "set",
}

ONCE = "computed once, and used again further down"
AGAIN = "not computed: an equal part above has the answer"

# How many series a selector finds, as far as the index tells.
Estimate = Callable[[tuple[Matcher, ...]], int]


def describe(
    plan: Plan | RangeSource, *, repeated: Collection[Plan] = (), estimate: Estimate | None = None
) -> dict[str, Any]:
    """`operator` of every node, with ``"children"`` and where it is known ``"estimatedSeries"``.

    `repeated` are the subtrees that are computed once although they stand in several places.
    """
    return _tree(plan, frozenset(repeated), set(), estimate)


def operator(plan: Plan | RangeSource) -> dict[str, Any]:
    """One node: ``{"operator", "text", "parameters", "notes"}``. The notes are what the planner decided, in words."""
    return {
        "operator": OPERATORS[type(plan)],
        "text": line(plan),
        "parameters": parameters(plan),
        "notes": _notes(plan),
    }


def _tree(
    plan: Plan | RangeSource, repeated: frozenset[Any], seen: set[Any], estimate: Estimate | None
) -> dict[str, Any]:
    shown = operator(plan)
    if plan in repeated:
        shown["notes"].append(AGAIN if plan in seen else ONCE)
        seen.add(plan)
    if estimate is not None and isinstance(plan, Select | RangeSelect):
        shown["estimatedSeries"] = estimate(plan.matchers)
    shown["children"] = [_tree(child, repeated, seen, estimate) for child in children(plan)]
    return shown


def parameters(plan: Plan | RangeSource) -> dict[str, Any]:
    """What the operator was told, by names that a reader of the query would use. Durations as in queries."""
    match plan:
        case Constant(value=value):
            return {"value": format_number(value)}
        case Text(value=value):
            return {"value": value}
        case Select(matchers=matchers, offset=offset, at=at, smoothed=smoothed):
            return _selector(matchers, offset, at) | ({"smoothed": True} if smoothed else {})
        case RangeSelect(matchers=matchers, span=span, offset=offset, at=at, extension=extension):
            extended = {} if extension is Extension.NONE else {extension.value: True}
            return _selector(matchers, offset, at) | {"range": format_duration(span)} | extended
        case SubquerySelect(span=span, step=step, offset=offset, at=at):
            return {"range": format_duration(span), "step": format_duration(step)} | _moment(offset, at)
        case Window(function=function) | Call(function=function):
            return {"function": function}
        case Aggregate(op=op, grouping=grouping, without=without):
            grouped = {"without" if without else "by": list(grouping)} if grouping or without else {}
            return {"op": op, **grouped}
        case ScalarBinary(op=op, bool_modifier=flag) | MixedBinary(op=op, bool_modifier=flag):
            return {"op": op} | ({"bool": True} if flag else {})
        case VectorBinary(op=op, matching=matching, bool_modifier=flag):
            return {"op": op} | ({"bool": True} if flag else {}) | _matching(matching)
        case SetOperation(op=op, matching=matching):
            return {"op": op, **_matching(matching)}
    return {}


def _selector(matchers: tuple[Matcher, ...], offset: int, at: int | None) -> dict[str, Any]:
    return {"matchers": [str(matcher) for matcher in matchers], **_moment(offset, at)}


def _moment(offset: int, at: int | None) -> dict[str, Any]:
    shown: dict[str, Any] = {} if at is None else {"at": at / 1000}
    return shown | ({"offset": format_duration(offset)} if offset else {})


def _matching(matching: Matching) -> dict[str, Any]:
    shown: dict[str, Any] = {"matching": matching.card.value}
    if matching.on or matching.labels:
        shown["on" if matching.on else "ignoring"] = list(matching.labels)
    if matching.include:
        shown["include"] = list(matching.include)
    for side, fill in (("fillLeft", matching.fill_left), ("fillRight", matching.fill_right)):
        if fill is not None:
            shown[side] = format_number(fill)
    return shown


def _notes(plan: Plan | RangeSource) -> list[str]:
    """What the planner decided, in words."""
    match plan:
        case Select(matchers=matchers) | RangeSelect(matchers=matchers):
            return [f"index: {_pushed(matcher)}" for matcher in matchers]
        case Aggregate(streamed=True):
            return [
                "fused: batches of series go straight into the groups, the whole input is never in memory"
            ]
        case Window(source=RangeSelect()):
            return ["fused: samples are decoded and their windows computed batch by batch"]
        case Once():
            return ["the same at every step: computed for one and repeated"]
    return []


def _pushed(matcher: Matcher) -> str:
    """How the index answers a matcher."""
    if matcher.matches(""):
        return f"{matcher}: series with another value are taken away"
    literals = matcher.literals
    if literals is None:
        return f"{matcher}: values of {matcher.name} that match"
    return f"{matcher}: " + ("one value" if len(literals) == 1 else f"{len(literals)} values")
