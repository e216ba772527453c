"""eq, ne, lt, le, gt, ge: only basic values of one kind compare, as in Go."""

from __future__ import annotations

from typing import Any

from vedette.template.errors import FunctionError
from vedette.template.gofmt import show
from vedette.template.values import Struct, type_name


def _kind(value: object) -> str:
    if isinstance(value, Struct):
        return ""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, complex):
        return "complex"
    if isinstance(value, str):
        return "string"
    return ""


def eq(first: Any, *others: Any) -> bool:
    """Whether `first` equals any of `others`."""
    if not others:
        raise FunctionError("missing argument for comparison")
    return any(_equal(first, other) for other in others)


def _equal(first: Any, other: Any) -> bool:
    kind = _kind(first)
    if kind != _kind(other):
        if first is not None and other is not None:
            raise FunctionError("incompatible types for comparison")
        return False
    if kind:
        return bool(first == other)
    if first is None or other is None:
        return first is other
    for value in (first, other):
        if isinstance(value, (list, tuple, dict)):
            raise FunctionError(f"non-comparable type {show(value)}: {type_name(value)}")
    return bool(first == other)


def ne(first: Any, second: Any) -> bool:
    return not eq(first, second)


def lt(first: Any, second: Any) -> bool:
    kind, other = _kind(first), _kind(second)
    if not kind or not other:
        raise FunctionError("invalid type for comparison")
    if kind != other:
        raise FunctionError("incompatible types for comparison")
    if kind in ("bool", "complex"):
        raise FunctionError("invalid type for comparison")
    return bool(first < second)


def le(first: Any, second: Any) -> bool:
    return lt(first, second) or eq(first, second)


def gt(first: Any, second: Any) -> bool:
    return not le(first, second)


def ge(first: Any, second: Any) -> bool:
    return not lt(first, second)
