"""Python functions as Go functions: arity and argument types are checked with Go's messages.

The annotations of a function are its Go signature: `str`, `int`, `float`, `bool`, `list[str]`, a class; anything
else is ``interface {}``. ``*args`` makes it variadic.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vedette.template.values import type_name

ANY = "interface {}"


@dataclass(frozen=True, slots=True)
class Param:
    """The Go type that an argument must have."""

    go_type: str
    python_type: type | tuple[type, ...] | None = None

    @property
    def nilable(self) -> bool:
        return self.python_type is None or self.python_type in (list, dict)

    def accepts(self, value: object) -> bool:
        if self.python_type is None:
            return True
        if self.python_type is int and isinstance(value, bool):
            return False
        return isinstance(value, self.python_type)


@dataclass(frozen=True, slots=True)
class Signature:
    fixed: tuple[Param, ...]
    rest: Param | None

    def at(self, index: int) -> Param:
        if index < len(self.fixed):
            return self.fixed[index]
        assert self.rest is not None
        return self.rest

    def complaint(self, name: str, given: int, *, final: bool) -> str | None:
        """What is wrong with calling with `given` arguments (plus one more when a pipeline feeds the call)."""
        total = given + final
        if self.rest is not None:
            if total < len(self.fixed):
                return f"wrong number of args for {name}: want at least {len(self.fixed)} got {given}"
        elif total != len(self.fixed):
            return f"wrong number of args for {name}: want {len(self.fixed)} got {total}"
        return None


_KNOWN: dict[object, Param] = {
    str: Param("string", str),
    int: Param("int", int),
    float: Param("float64", float),
    bool: Param("bool", bool),
    list[str]: Param("[]string", list),
    list: Param("[]interface {}", list),
    dict: Param("map[string]interface {}", dict),
}
_ANY = Param(ANY)


@lru_cache(maxsize=1024)
def signature_of(function: Callable[..., Any]) -> Signature:
    # A bound method is a fresh object on each look-up but equal to the last one, so it hits the cache.
    try:
        parameters = inspect.signature(function).parameters.values()
        hints = typing.get_type_hints(function)
    except (TypeError, ValueError, NameError):
        return Signature((), _ANY)
    fixed: list[Param] = []
    rest: Param | None = None
    for parameter in parameters:
        param = _param(hints.get(parameter.name, Any))
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            rest = param
        elif parameter.kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        ):
            fixed.append(param)
    return Signature(tuple(fixed), rest)


def _param(hint: object) -> Param:
    try:
        known = _KNOWN.get(hint)
    except TypeError:
        return _ANY
    if known is not None:
        return known
    if isinstance(hint, type) and hint is not object and hasattr(hint, "go_type"):
        return Param(hint.go_type, hint)
    return _ANY


def mismatch(param: Param, value: object) -> str:
    return f"wrong type for value; expected {param.go_type}; got {type_name(value)}"
