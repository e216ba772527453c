"""Operators between metric queries: arithmetic and comparisons, on numbers and on series with equal labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vedette.logs.logql.run.matrix import Floats, Grid, Matrix, Present, Scalar
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import LogQLError, NotSupported
from vedette.model.labels import Labels

_COMPARISONS: dict[str, Callable[[Floats, Floats], Present]] = {
    "==": np.equal, "!=": np.not_equal, ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
}  # fmt: skip


def _arithmetic(op: str, left: Floats, right: Floats) -> Floats:
    with np.errstate(all="ignore"):
        if op == "+":
            return left + right
        if op == "-":
            return left - right
        if op == "*":
            return left * right
        if op == "/":
            # Anything divided by zero is NaN here, never infinite.
            return np.where(right == 0, np.nan, left / np.where(right == 0, 1, right))
        if op == "%":
            return np.where(right == 0, np.nan, np.fmod(left, np.where(right == 0, 1, right)))
        if op == "^":
            return np.power(left, right)
    raise AssertionError(f"BUG: operator {op}")


def fold(op: str, left: float, right: float, *, bool_modifier: bool = False) -> float:
    """Two numbers."""
    a, b = np.float64(left), np.float64(right)
    if op in _COMPARISONS:
        return float(bool(_COMPARISONS[op](a, b)))  # type: ignore[arg-type]
    return float(_arithmetic(op, a, b))  # type: ignore[arg-type]


def combine(
    node: n.BinaryOperation, left: Matrix | Scalar, right: Matrix | Scalar, grid: Grid
) -> Matrix | Scalar:
    """Both sides are evaluated. Raises `LogQLError` and `NotSupported`."""
    if node.op in ("and", "or", "unless"):
        raise NotSupported(f"the set operator `{node.op}`")
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(fold(node.op, left.value, right.value))
    if isinstance(left, Matrix) and isinstance(right, Matrix):
        return _matched(node, left, right)
    if isinstance(left, Matrix):
        assert isinstance(right, Scalar)
        return _with_number(node, left, right.value, flipped=False)
    assert isinstance(right, Matrix)
    return _with_number(node, right, left.value, flipped=True)


def _with_number(node: n.BinaryOperation, body: Matrix, number: float, *, flipped: bool) -> Matrix:
    other = np.full_like(body.values, number)
    left, right = (other, body.values) if flipped else (body.values, other)
    if node.op not in _COMPARISONS:
        return Matrix(body.labels, _arithmetic(node.op, left, right), body.present, body.ordered)
    holds = _COMPARISONS[node.op](left, right)
    if node.matching.bool_modifier:
        return Matrix(body.labels, holds.astype(np.float64), body.present, body.ordered)
    return Matrix(body.labels, body.values, body.present & holds, body.ordered).without_empty_rows()


def _matched(node: n.BinaryOperation, left: Matrix, right: Matrix) -> Matrix:
    matching = node.matching
    if matching.group:
        raise NotSupported(matching.group)
    signature = _signature(matching)
    partners: dict[Labels, int] = {}
    for row, labels in enumerate(right.labels):
        if partners.setdefault(signature(labels), row) != row:
            raise LogQLError("found duplicate series on the right hand-side;many-to-many matching not allowed: "
                             "matching labels must be unique on one side", positioned=False)  # fmt: skip
    rows, others, out, seen = [], [], [], set()
    for row, labels in enumerate(left.labels):
        key = signature(labels)
        other = partners.get(key)
        if other is None:
            continue
        if key in seen:
            raise LogQLError("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
                             positioned=False)  # fmt: skip
        seen.add(key)
        rows.append(row)
        others.append(other)
        out.append(labels if matching.names is None else key)
    a, b = left.take(rows), right.take(others)
    present = a.present & b.present
    if node.op not in _COMPARISONS:
        return Matrix(out, _arithmetic(node.op, a.values, b.values), present).without_empty_rows()
    holds = _COMPARISONS[node.op](a.values, b.values)
    if matching.bool_modifier:
        return Matrix(out, holds.astype(np.float64), present).without_empty_rows()
    return Matrix(out, a.values, present & holds).without_empty_rows()


def _signature(matching: n.Matching) -> Callable[[Labels], Labels]:
    names = matching.names or ()
    if matching.on:
        return lambda labels: labels.only(names)
    return lambda labels: labels.without(*names)
