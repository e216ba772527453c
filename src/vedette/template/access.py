"""Reaching into values: fields, methods, arguments, and what a range goes over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vedette.template import nodes as ast
from vedette.template.calls import Param, Signature, mismatch, signature_of
from vedette.template.errors import FunctionError, TemplateError
from vedette.template.gofmt import show
from vedette.template.literals import quote
from vedette.template.state import NOT_FED, Eval, State
from vedette.template.values import ABSENT, StringMap, Struct, map_keys, type_name


class Arguments(Protocol):
    """The arguments of a call, prepared once its signature is known."""

    nodes: tuple[ast.Node, ...]

    def prepare(self, signature: Signature, *, final: bool) -> list[Eval]: ...


def items(s: State, value: Any, names: int) -> Any:
    """(key, element) pairs of what a `range` goes over."""
    if value is ABSENT or value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return enumerate(value)
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in map_keys(value)]
    if isinstance(value, int) and not isinstance(value, bool) and not isinstance(value, Struct):
        if names > 1:
            s.fail(f"can't use {value} to iterate over more than one variable")
        return ((at, at) for at in range(value))
    raise s.fault(f"range can't iterate over {show(value)}")


def field_of(
    s: State, dot: Any, receiver: Any, name: str, arguments: Arguments, final: Any, node: ast.Node
) -> Any:
    if receiver is ABSENT:
        if s.missing_key == "error":
            s.fail(f"nil data; no entry for key {quote(name)}")
        return ABSENT
    if receiver is None:
        s.fail(f"nil pointer evaluating interface {{}}.{name}")
    kind = type(receiver)
    methods: Mapping[str, str] | None = getattr(kind, "go_methods", None)
    if methods is not None and name in methods:
        return _method(s, dot, getattr(receiver, methods[name]), name, arguments, final, node)
    has_args = bool(arguments.nodes) or final is not NOT_FED
    if isinstance(receiver, Mapping):
        if has_args:
            s.fail(f"{name} is not a method but has arguments")
        if name in receiver:
            return receiver[name]
        if s.missing_key == "error":
            s.fail(f"map has no entry for key {quote(name)}")
        if s.missing_key == "zero":
            return "" if isinstance(receiver, StringMap) else None
        return ABSENT
    if isinstance(receiver, Struct) and name in receiver.go_fields:
        if has_args:
            s.fail(f"{name} has arguments but cannot be invoked as function")
        return getattr(receiver, receiver.go_fields[name])
    raise s.fault(f"can't evaluate field {name} in type {type_name(receiver)}")


def _method(
    s: State,
    dot: Any,
    method: Callable[..., Any],
    name: str,
    arguments: Arguments,
    final: Any,
    node: ast.Node,
) -> Any:
    signature = signature_of(method)
    fed = final is not NOT_FED
    complaint = signature.complaint(name, len(arguments.nodes), final=fed)
    if complaint is not None:
        s.fail(complaint)
    values = [evaluate(s, dot) for evaluate in arguments.prepare(signature, final=fed)]
    if fed:
        values.append(checked(s, final, signature.at(len(values))))
    return invoke(s, node, name, method, values)


def invoke(s: State, node: ast.Node, name: str, function: Callable[..., Any], values: list[Any]) -> Any:
    try:
        return function(*values)
    except (FunctionError, TemplateError) as error:
        s.node = node
        raise s.fault(f"error calling {name}: {error}") from None


def checked(s: State, value: Any, param: Param) -> Any:
    """`value` as an argument of type `param`; an absent value becomes nil."""
    if value is ABSENT:
        if not param.nilable:
            s.fail(f"invalid value; expected {param.go_type}")
        return None
    if value is None and not param.nilable:
        s.fail(f"invalid value; expected {param.go_type}")
    if not param.accepts(value):
        if param.nilable and value is None:
            return None
        s.fail(mismatch(param, value))
    return value
