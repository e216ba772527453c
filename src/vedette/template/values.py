"""What templates see: Python values under their Go names.

=================  =======================
Python             Go
=================  =======================
`str`              string
`bool`             bool
`int`, `Uint8`     int, uint8
`float`            float64
`None`             a nil interface
`ABSENT`           no value at all (an absent map key): prints ``<no value>``
`list`, `tuple`    []interface {}
`dict`             map[string]interface {}, `StringMap` map[string]string
`Struct`           a struct with exported fields and methods
callables          functions
=================  =======================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT = Absent()


class Struct:
    """Base of objects that templates may look into.

    `go_fields` maps a Go field name to the attribute that holds it, `go_methods` a Go method name to the Python
    method. Nothing else can be reached. A `String` method decides how the value prints.
    """

    go_type: ClassVar[str] = "struct {}"
    go_fields: ClassVar[Mapping[str, str]] = {}
    go_methods: ClassVar[Mapping[str, str]] = {}
    json_names: ClassVar[Mapping[str, str]] = {}  # of fields that are called otherwise in JSON


class StringMap(dict[str, str]):
    """A map[string]string: an absent key reads as the empty string where the template's author allows it."""

    go_type: ClassVar[str] = "map[string]string"
    go_methods: ClassVar[Mapping[str, str]] = {}


class StringList(list[str]):
    """A []string."""

    go_type: ClassVar[str] = "[]string"
    go_methods: ClassVar[Mapping[str, str]] = {}


class Uint8(int):
    """One byte, which is what indexing a string gives."""

    go_type: ClassVar[str] = "uint8"


class SafeHTML(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()
    go_type: ClassVar[str] = "template.HTML"


class SafeURL(str):
    """Text that is a URL its author trusts."""

    __slots__ = ()
    go_type: ClassVar[str] = "template.URL"


def type_name(value: object) -> str:
    """The Go type, as ``%T`` and messages print it."""
    if value is None or value is ABSENT:
        return "<nil>"
    named: str | None = getattr(type(value), "go_type", None)
    if named is not None:
        return named
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, complex):
        return "complex128"
    if isinstance(value, (list, tuple)):
        return "[]interface {}"
    if isinstance(value, Mapping):
        return "map[string]interface {}"
    if callable(value):
        return "func()"
    return type(value).__name__


def truth(value: object) -> bool:
    """Go's truth: false for zero, "", nil and anything empty; true for every struct."""
    if isinstance(value, Struct):
        return True
    return bool(value)


def map_keys(value: Mapping[Any, Any]) -> list[Any]:
    """Keys in the order in which Go visits and prints them."""
    keys = list(value)
    try:
        return sorted(keys)
    except TypeError:
        return sorted(keys, key=lambda key: (type_name(key), str(key)))
