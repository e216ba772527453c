"""Configuration models: pydantic types for what the originals' files hold, and validation with positions."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from vedette.config.document import Document, Location
from vedette.config.problems import ConfigError, Problem
from vedette.model.labels import RegexError, compile_regex
from vedette.model.time import DurationError, parse_duration, parse_go_duration

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A part of a file: unknown keys are faults, values don't change after reading."""

    # Built at the first file that is read: a part of a larger model then never needs a validator of its own.
    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True
    )


class Secret(str):
    """Text that is never shown: prints as ``<secret>``; `reveal()` gives it to who must send it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"

    def __str__(self) -> str:
        return "<secret>" if len(self) else ""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def reveal(self) -> str:
        return str.__str__(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


def _go_duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_go_duration(value)
    except DurationError as error:
        try:
            return parse_duration(value) * 10**6
        except DurationError:
            raise error from None


_BYTE_UNITS = {"": 1, "B": 1, **{f"{p}B": 1024 ** (i + 1) for i, p in enumerate("KMGTPE")}}
_BYTE_UNITS |= {f"{p}iB": 1024 ** (i + 1) for i, p in enumerate("KMGTPE")}
_BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)\Z")


def parse_bytes(text: str) -> int:
    """Bytes of ``512MB`` or ``1.5GiB``; both families count by 1024, as in Prometheus. Raises `ValueError`."""
    found = _BYTES.match(text)
    unit = "" if found is None else found[2]
    scale = _BYTE_UNITS.get(unit) or _BYTE_UNITS.get(unit.upper())
    if found is None or scale is None:
        raise ValueError(f'"{text}" is no size; write a number with a unit such as 512MB')
    return int(float(found[1]) * scale)


def _bytes(value: Any) -> Any:
    return parse_bytes(value) if isinstance(value, str) else value


def _regex(value: Any) -> Any:
    if isinstance(value, str):
        try:
            compile_regex(value)
        except RegexError as error:
            raise ValueError(str(error)) from None
    return value


# Milliseconds, written as Prometheus durations ("15s", "1h30m").
Duration = Annotated[int, BeforeValidator(_duration)]
# Nanoseconds, written as Go durations ("1.5h"), or as Prometheus ones.
GoDuration = Annotated[int, BeforeValidator(_go_duration)]
# Bytes, written "512MB".
ByteSize = Annotated[int, BeforeValidator(_bytes)]
# A regular expression that RE2 accepts.
RegexText = Annotated[str, BeforeValidator(_regex)]


def validate(document: Document, model: type[M], loc: Location = ()) -> M:
    """The part of `document` at `loc` as `model`. Raises `ConfigError` with every fault at its line."""
    data: Any = document.data
    for part in loc:
        data = data[part]
    try:
        return model.model_validate({} if data is None else data)
    except pydantic.ValidationError as error:
        raise ConfigError(problems_of(document, model, error, loc)) from None


def problems_of(
    document: Document, model: type[BaseModel], error: pydantic.ValidationError, base: Location = ()
) -> list[Problem]:
    """Each fault of a pydantic error as a `Problem` at its place in `document`."""
    seen: dict[tuple[Location, str], Problem] = {}
    for detail in error.errors(include_url=False):
        loc = _real_location(document, base, detail["loc"])
        message, hint = _sentence(model, detail, document, loc)
        seen.setdefault((loc, message), document.problem(loc, message, hint))
    return sorted(seen.values(), key=lambda p: (p.line, p.column))


def _real_location(document: Document, base: Location, loc: tuple[int | str, ...]) -> Location:
    # Pydantic puts names of union members and validators into locations: keep what exists in the file.
    data: Any = document.data
    for step in base:
        data = data[step]
    out: list[str | int] = list(base)
    for index, part in enumerate(loc):
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            data = data[part]  # type: ignore[index]
        elif (
            index == len(loc) - 1 and isinstance(part, str) and isinstance(data, dict) and part.isidentifier()
        ):
            pass  # a missing key
        else:
            continue
        out.append(part)
    return tuple(out)


def _sentence(
    model: type[BaseModel], detail: ErrorDetails, document: Document, loc: Location
) -> tuple[str, str]:
    kind, value = detail["type"], detail.get("input")
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        key = str(loc[-1]) if loc else ""
        known = sorted(set(_known_keys(model, loc[:-1])))
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
        if near:
            return f'unknown key "{key}"', f'did you mean "{near[0]}"?'
        return f'unknown key "{key}"', f"known here: {', '.join(known)}" if 0 < len(
            known
        ) <= 12 else "remove it"
    if kind == "missing":
        return f'key "{loc[-1] if loc else ""}" is missing', "add it"
    if kind == "value_error":
        text = str(context.get("error", detail["msg"]))
        message, _, hint = text.partition("; ")
        return message, hint
    shown = _shown(value)
    if kind.startswith("bool"):
        return f"{shown} is not true or false", "write true or false"
    if kind.startswith(("int", "float")):
        return f"{shown} is not a number", "write a number"
    if kind in ("list_type", "tuple_type", "set_type"):
        return f"{shown} is not a list", "write one item a line, each after a dash"
    if kind in ("dict_type", "model_type", "model_attributes_type", "mapping_type"):
        return f"{shown} is not a mapping", "write key: value pairs"
    if kind == "string_type":
        return f"{shown} is not text", "write a single value"
    if kind in ("literal_error", "enum"):
        return f"{shown} is not allowed", f"one of: {context.get('expected', '')}"
    return detail["msg"], ""


def _shown(value: Any) -> str:
    if isinstance(value, Secret):
        return "<secret>"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = str(value)
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'


def _known_keys(model: type[BaseModel], loc: Location) -> Iterator[str]:
    """Names of the keys that may stand at `loc` below `model`."""
    for found in _models_at([model], loc):
        for name, info in found.model_fields.items():
            yield info.alias or name


def _models_at(models: list[type[BaseModel]], loc: Location) -> list[type[BaseModel]]:
    for part in loc:
        if isinstance(part, int):
            continue
        following: list[type[BaseModel]] = []
        for model in models:
            for name, info in model.model_fields.items():
                if part in (name, info.alias):
                    following += _models_in(info.annotation)
        models = following or models
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for arg in typing.get_args(annotation) for model in _models_in(arg)]
