"""Reading requests: parameters from the query string and from a form body, in the original's forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from starlette.requests import ClientDisconnect, Request

from vedette.model.time import parse_api_duration, parse_api_time
from vedette.web.errors import ApiError
from vedette.web.prompt import Question

T = TypeVar("T")

MAX_FORM_BYTES = 10 << 20
# The times that stand for "no bound", which must survive additions.
MIN_API_TIME = -(1 << 62)
MAX_API_TIME = (1 << 62) - 1


def bad_data(message: str) -> ApiError:
    return ApiError(400, "bad_data", message)


def invalid(name: str, reason: object) -> ApiError:
    """The refusal of one parameter."""
    return bad_data(f'invalid parameter "{name}": {reason}')


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string or form."""
    parts = (part.partition(b"=") for part in encoded.split(b"&") if part)
    return [(_text(name), _text(value)) for name, _, value in parts]


def _text(encoded: bytes) -> str:
    if b"%" not in encoded and b"+" not in encoded:
        return encoded.decode("utf-8", "surrogateescape")
    return _known_text(encoded) if len(encoded) <= _LONGEST_REMEMBERED else _decoded(encoded)


def _decoded(encoded: bytes) -> str:
    return unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8", "surrogateescape")


# The same queries are asked again and again.
_known_text = lru_cache(maxsize=1024)(_decoded)
_LONGEST_REMEMBERED = 2048


class Params:
    """Parameters by name, each possibly several times; those of the body come first, as with Go's `r.Form`."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    async def of(cls, request: Request) -> Params:
        """Bytes that are no UTF-8 are kept, as surrogate escapes. Raises `ApiError` for a form too large."""
        pairs: list[tuple[str, str]] = []
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method in ("POST", "PUT") and kind == "application/x-www-form-urlencoded":
            body = bytearray()
            try:
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MAX_FORM_BYTES:
                        raise bad_data("error parsing form values: http: POST too large")
            except ClientDisconnect:
                raise ApiError(499, "canceled", "the client went away") from None
            pairs += _pairs(bytes(body))
        return cls(pairs + _pairs(request.scope["query_string"]))

    @classmethod
    def asked(cls, question: Question) -> Params:
        """As `of`, of a request that is whole already."""
        return cls(_pairs(question.form) + _pairs(question.query))

    def get(self, name: str) -> str:
        """The first value, or an empty text."""
        values = self._values.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def _read(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self.get(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise invalid(name, error) from None

    def time(self, name: str, default: int) -> int:
        """Milliseconds."""
        found = self._read(name, _time)
        return default if found is None else found

    def required_time(self, name: str) -> int:
        text = self.get(name)
        try:
            return _time(text)
        except ValueError as error:
            raise invalid(name, error) from None

    def duration(self, name: str, default: int | None = None) -> int | None:
        """Milliseconds."""
        found = self._read(name, _duration)
        return default if found is None else found

    def required_duration(self, name: str) -> int:
        text = self.get(name)
        try:
            return _duration(text)
        except ValueError as error:
            raise invalid(name, error) from None

    def limit(self, name: str = "limit") -> int:
        """How many results are wanted; 0 for all."""
        text = self.get(name)
        if not text:
            return 0
        try:
            limit = int(text)
        except ValueError:
            raise invalid(name, f'strconv.Atoi: parsing "{text}": invalid syntax') from None
        if limit < 0:
            raise invalid(name, "limit must be non-negative")
        return limit

    def flag(self, name: str) -> bool:
        """A boolean in Go's forms; absent is false."""
        text = self.get(name)
        if text in ("", "0", "f", "F", "false", "FALSE", "False"):
            return False
        if text in ("1", "t", "T", "true", "TRUE", "True"):
            return True
        raise invalid(name, f'strconv.ParseBool: parsing "{text}": invalid syntax')


# What Go clients send for "from the beginning" and "to the end".
_EXTREMES = {"-292273086-05-16T16:47:06Z": MIN_API_TIME, "292277025-08-18T07:12:54.999999999Z": MAX_API_TIME}


def _time(text: str) -> int:
    if text in _EXTREMES:
        return _EXTREMES[text]
    try:
        when = parse_api_time(text)
    except (ValueError, OverflowError):
        raise ValueError(f'cannot parse "{text}" to a valid timestamp') from None
    return min(max(when, MIN_API_TIME), MAX_API_TIME)


def _duration(text: str) -> int:
    try:
        return parse_api_duration(text)
    except (ValueError, OverflowError) as error:
        if "overflow" in str(error):
            raise
        raise ValueError(f'cannot parse "{text}" to a valid duration') from None
