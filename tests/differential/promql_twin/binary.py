"""Binary operators: scalars, filters, joins and sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.syntax.nodes import Binary, Card, Matching, ValueType
from vedette.metrics.promql.syntax.types import type_of
from vedette.model.histogram import FloatHistogram

from . import native
from .values import (
    NAME,
    Key,
    Labels,
    Refused,
    Row,
    Sample,
    Value,
    arithmetic,
    compare,
    key,
    only,
    without,
)

if TYPE_CHECKING:
    from .evaluate import Evaluation

COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
SETS = ("and", "or", "unless")
ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")


def rows(ev: Evaluation, node: Binary, times: list[int]) -> list[Row]:
    left, right = ev.rows(node.left, times), ev.rows(node.right, times)
    kinds = type_of(node.left), type_of(node.right)
    step: Callable[[list[Sample], list[Sample]], list[Sample]]
    if kinds == (ValueType.SCALAR, ValueType.SCALAR):
        step = lambda a, b: [Sample({}, _numbers(node.op, a[0].float, b[0].float))]  # noqa: E731
    elif ValueType.SCALAR in kinds:
        swapped = kinds[0] is ValueType.SCALAR
        step = lambda a, b: _with_scalar(ev, node, *((b, a) if swapped else (a, b)), swapped=swapped)  # noqa: E731
    elif node.op in SETS:
        step = lambda a, b: _set(node, a, b)  # noqa: E731
    else:
        step = lambda a, b: _join(ev, node, a, b)  # noqa: E731
    return ev.per_step(times, [left, right], lambda _, vectors: step(*vectors))


def _numbers(op: str, a: float, b: float) -> float:
    return float(compare(op, a, b)) if op in COMPARISONS else arithmetic(op, a, b)


def drops_name(ev: Evaluation, op: str) -> bool:
    return op in ARITHMETIC and not (ev.old and op == "atan2")


def _elements(ev: Evaluation, node: Binary, a: Value, b: Value) -> tuple[Value, bool] | None:
    """The value, and whether a comparison holds; None when these can't be combined."""
    op = node.op
    if isinstance(a, FloatHistogram) or isinstance(b, FloatHistogram):
        return native.binary(ev, node, a, b)
    if op in COMPARISONS:
        return a, compare(op, a, b)
    if op in ("</", ">/"):
        ev.inform(notes.incompatible_types("float", op, "float"), node)
        return None
    return arithmetic(op, a, b), True


def _with_scalar(
    ev: Evaluation, node: Binary, vector: list[Sample], number: list[Sample], *, swapped: bool
) -> list[Sample]:
    out = []
    for sample in vector:
        pair = (number[0].value, sample.value) if swapped else (sample.value, number[0].value)
        found = _elements(ev, node, *pair)
        if found is None:
            continue
        value, keep = found
        if node.op in COMPARISONS and swapped:
            value = sample.value
        if node.bool_modifier:
            value, keep = float(keep), True
        if not keep:
            continue
        labels, drop = sample.labels, sample.drop
        if drops_name(ev, node.op) or node.bool_modifier:
            labels, drop = ev.dropped(labels), True
        out.append(Sample(labels, value, drop))
    return out


def _signature(matching: Matching | None, labels: Labels) -> Key:
    return key(_match_labels(matching, labels))


def _match_labels(matching: Matching | None, labels: Labels) -> Labels:
    if matching is None:
        return without(labels, NAME)
    return only(labels, *matching.labels) if matching.on else without(labels, NAME, *matching.labels)


def _set(node: Binary, left: list[Sample], right: list[Sample]) -> list[Sample]:
    matching = node.matching
    theirs = {_signature(matching, s.labels) for s in right}
    if node.op == "and":
        return [s for s in left if _signature(matching, s.labels) in theirs]
    if node.op == "unless":
        return [s for s in left if _signature(matching, s.labels) not in theirs]
    ours = {_signature(matching, s.labels) for s in left}
    return left + [s for s in right if _signature(matching, s.labels) not in ours]


def _join(ev: Evaluation, node: Binary, left: list[Sample], right: list[Sample]) -> list[Sample]:
    matching = node.matching or Matching()
    fill_left, fill_right = matching.fill_left, matching.fill_right
    if (not left and not right) or ((not left or not right) and fill_left is None and fill_right is None):
        return []
    swapped = matching.card is Card.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    # With group_right, too, `fill_left` speaks of the side that has many.
    fill_many, fill_one = fill_left, fill_right
    partners: dict[Key, Sample] = {}
    for sample in one:
        name = _signature(matching, sample.labels)
        if name in partners:
            raise Refused("many-to-many matching not allowed: matching labels must be unique on one side")
        partners[name] = sample
    matched: dict[Key, set[Key]] = {}
    out: list[Sample] = []

    def combine(mine: Sample, theirs: Sample, name: Key) -> None:
        a, b = (theirs.value, mine.value) if swapped else (mine.value, theirs.value)
        found = _elements(ev, node, a, b)
        if found is None:
            return
        value, keep = found
        if node.bool_modifier:
            value = float(keep)
        elif ev.old and not keep:
            # What a comparison drops was no match.
            return
        labels = _result_labels(ev, node, matching, mine.labels, theirs.labels)
        if node.bool_modifier:
            labels = ev.dropped(labels)
        if matching.card is Card.ONE_TO_ONE:
            if name in matched:
                raise Refused("multiple matches for labels: many-to-one matching must be explicit")
            matched[name] = set()
        else:
            seen = matched.setdefault(name, set())
            if key(labels) in seen:
                raise Refused("multiple matches for labels: grouping labels must ensure unique matches")
            seen.add(key(labels))
        if keep or node.bool_modifier:
            out.append(Sample(labels, value, node.bool_modifier))

    for sample in many:
        name = _signature(matching, sample.labels)
        partner = partners.get(name)
        if partner is None:
            if fill_one is None:
                continue
            partner = Sample(_match_labels(matching, sample.labels), fill_one)
        combine(sample, partner, name)
    if fill_many is not None:
        for name, partner in partners.items():
            if name not in matched:
                combine(Sample(_match_labels(matching, partner.labels), fill_many), partner, name)
    return out


def _result_labels(ev: Evaluation, node: Binary, matching: Matching, mine: Labels, theirs: Labels) -> Labels:
    labels = without(mine, NAME) if drops_name(ev, node.op) else dict(mine)
    if matching.card is Card.ONE_TO_ONE:
        labels = only(labels, *matching.labels) if matching.on else without(labels, *matching.labels)
    for name in matching.include:
        labels = {**without(labels, name), **only(theirs, name)}
    return labels
