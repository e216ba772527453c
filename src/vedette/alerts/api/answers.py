"""How the API answers and refuses: plain JSON, refusals as a JSON string or as {code, message}."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vedette.model.time import format_rfc3339, parse_rfc3339
from vedette.template.gotime import ZERO_TIME_NS

T = TypeVar("T", str, bool)

REQUIRED, MIN_ITEMS, INVALID_TYPE = 602, 612, 601

_TRUE = frozenset({"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"})


class Refusal(Exception):
    """`body` is what the client reads: a sentence, or code and message."""

    def __init__(self, status: int, body: str | dict[str, Any] | None) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body) + b"\n", status, media_type="application/json")


def refuse(refusal: Refusal) -> Response:
    return (
        Response(status_code=refusal.status) if refusal.body is None else answer(refusal.body, refusal.status)
    )


def coded(status: int, code: int, message: str) -> Refusal:
    return Refusal(status, {"code": code, "message": message})


def missing(names: list[str]) -> Refusal:
    """Required keys that are not there."""
    sentences = [f"{name} in body is required" for name in names]
    text = sentences[0] if len(sentences) == 1 else "\n".join(["validation failure list:", *sentences])
    return coded(422, REQUIRED, text)


async def read_json(request: Request, noun: str) -> Any:
    """The body. Raises `Refusal`."""
    raw = await request.body()
    if not raw:
        raise missing([noun])
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unparsable(noun, str(error)) from None


def unparsable(noun: str, reason: str) -> Refusal:
    return coded(400, 400, f'parsing {noun} body from "" failed, because {reason}')


_GO_KINDS = {bool: "bool", str: "string", dict: "object", list: "array", int: "number", float: "number"}


def typed(value: Any, kind: type[T], field: str, noun: str) -> T:
    """`value`, which must be a text or a bool; null is an empty one. Raises `Refusal` in the words of Go's decoder."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        given = _GO_KINDS.get(type(value), "value")
        raise unparsable(
            noun, f"json: cannot unmarshal {given} into Go struct field {field} of type {_GO_KINDS[kind]}"
        )
    return value


def flag(request: Request, name: str) -> bool:
    """A switch that is on unless told otherwise."""
    given = request.query_params.get(name)
    return True if given is None else given.lower() in _TRUE


def show_time(ns: int) -> str:
    return format_rfc3339(ns, digits=3)


def read_time(value: Any, noun: str) -> int | None:
    """Nanoseconds; None for no time, which the zero time also means. Raises `Refusal`."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else ""
    for candidate in (text, f"{text}Z", f"{text.replace(' ', 'T')}Z"):
        try:
            found = parse_rfc3339(candidate)
        except (ValueError, OverflowError):
            continue
        return None if found == ZERO_TIME_NS else found
    raise unparsable(noun, f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}"')
