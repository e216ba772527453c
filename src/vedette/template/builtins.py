"""The functions every template has: comparison, logic, indexing, printing, escaping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vedette.template import compare, escape
from vedette.template.calls import mismatch, signature_of
from vedette.template.errors import FunctionError
from vedette.template.gofmt import show, sprint, sprintf, sprintln
from vedette.template.values import StringMap, Struct, Uint8, truth, type_name


def _text_of(args: tuple[Any, ...]) -> str:
    if len(args) == 1 and isinstance(args[0], str):
        return args[0]
    return sprint(["<no value>" if arg is None else arg for arg in args])


def html(*args: Any) -> str:
    return escape.html(_text_of(args))


def js(*args: Any) -> str:
    return escape.js(_text_of(args))


def urlquery(*args: Any) -> str:
    return escape.url_query(_text_of(args))


def print_(*args: Any) -> str:
    return sprint(args)


def println(*args: Any) -> str:
    return sprintln(args)


def printf(layout: str, *args: Any) -> str:
    return sprintf(layout, args)


def not_(value: Any) -> bool:
    return not truth(value)


def len_(item: Any) -> int:
    if isinstance(item, str):
        return len(item.encode("utf-8", "replace"))
    if isinstance(item, (list, tuple, Mapping)):
        return len(item)
    if item is None:
        raise FunctionError("len of nil pointer")
    raise FunctionError(f"len of type {type_name(item)}")


def index(item: Any, *indexes: Any) -> Any:
    """``index x 1 "a"`` is ``x[1]["a"]``."""
    if item is None:
        raise FunctionError("index of untyped nil")
    for key in indexes:
        item = _index(item, key)
    return item


def _index(item: Any, key: Any) -> Any:
    if isinstance(item, Mapping):
        if isinstance(item, StringMap) and not isinstance(key, str):
            if key is None:
                raise FunctionError("value is nil; should be of type string")
            raise FunctionError(f"value has type {type_name(key)}; should be string")
        if isinstance(key, (list, dict)):
            raise FunctionError(f"value has type {type_name(key)}; should be string")
        return item.get(key, "" if isinstance(item, StringMap) else None)
    if isinstance(item, str):
        data = item.encode("utf-8", "replace")
        return Uint8(data[_position(key, len(data))])
    if isinstance(item, (list, tuple)):
        return item[_position(key, len(item))]
    if item is None:
        raise FunctionError("index of nil pointer")
    raise FunctionError(f"can't index item of type {type_name(item)}")


def _position(key: Any, size: int, *, end: bool = False) -> int:
    if key is None:
        raise FunctionError("cannot index slice/array with nil")
    if not isinstance(key, int) or isinstance(key, bool):
        raise FunctionError(f"cannot index slice/array with type {type_name(key)}")
    if key < 0 or key > size or (key == size and not end):
        raise FunctionError(f"index out of range: {key}")
    return key


def slice_(item: Any, *indexes: Any) -> Any:
    """``slice x 1 2`` is ``x[1:2]``; strings are cut by bytes."""
    if item is None:
        raise FunctionError("slice of untyped nil")
    if len(indexes) > 3:
        raise FunctionError(f"too many slice indexes: {len(indexes)}")
    if isinstance(item, str):
        if len(indexes) == 3:
            raise FunctionError("cannot 3-index slice a string")
        data: Any = item.encode("utf-8", "replace")
    elif isinstance(item, (list, tuple)):
        data = item
    else:
        raise FunctionError(f"can't slice item of type {type_name(item)}")
    bounds = [0, len(data), len(data)]
    for at, key in enumerate(indexes):
        bounds[at] = _position(key, len(data), end=True)
    start, stop, capacity = bounds
    if start > stop:
        raise FunctionError(f"invalid slice index: {start} > {stop}")
    if len(indexes) == 3 and stop > capacity:
        raise FunctionError(f"invalid slice index: {stop} > {capacity}")
    cut = data[start:stop]
    return cut.decode("utf-8", "replace") if isinstance(cut, bytes) else type(item)(cut)


def call(function: Any, *args: Any) -> Any:
    """Calls a function that is a value of the data."""
    if function is None:
        raise FunctionError("call of nil")
    if not callable(function) or isinstance(function, Struct):
        raise FunctionError(f"non-function of type {type_name(function)}")
    signature = signature_of(function)
    complaint = signature.complaint("", len(args), final=False)
    if complaint:
        raise FunctionError(complaint.replace(" for :", ":"))
    for at, value in enumerate(args):
        if not signature.at(at).accepts(value):
            raise FunctionError(
                f"arg {at}: {mismatch(signature.at(at), value).removeprefix('wrong type for ')}"
            )
    return function(*args)


def and_(first: Any, *others: Any) -> Any:
    raise AssertionError("BUG: `and` is evaluated by the executor")


def or_(first: Any, *others: Any) -> Any:
    raise AssertionError("BUG: `or` is evaluated by the executor")


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "and": and_,
    "call": call,
    "html": html,
    "index": index,
    "js": js,
    "len": len_,
    "not": not_,
    "or": or_,
    "print": print_,
    "printf": printf,
    "println": println,
    "slice": slice_,
    "urlquery": urlquery,
    "eq": compare.eq,
    "ge": compare.ge,
    "gt": compare.gt,
    "le": compare.le,
    "lt": compare.lt,
    "ne": compare.ne,
}

__all__ = ["BUILTINS", "show"]
