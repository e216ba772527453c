"""Refusals with a status code, and how they are written."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from starlette.responses import PlainTextResponse, Response


class ApiError(Exception):
    """A request that is refused. `type` is the original's error type, such as ``bad_data``."""

    def __init__(self, status: int, type: str, message: str) -> None:
        super().__init__(message)
        self.status, self.type, self.message = status, type, message


ErrorWriter = Callable[[ApiError], Response]


def utf8(text: str) -> str:
    """`text` with U+FFFD for bytes that are no UTF-8 (surrogate escapes): what a refusal quotes may be anything."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def prometheus_error_body(error: ApiError) -> bytes:
    """``{"status":"error","errorType":...,"error":...}``"""
    return orjson.dumps({"status": "error", "errorType": error.type, "error": utf8(error.message)})


def prometheus_error(error: ApiError) -> Response:
    return Response(prometheus_error_body(error), error.status, media_type="application/json")


def plain_error(error: ApiError) -> Response:
    """The sentence alone, as Loki answers."""
    return PlainTextResponse(utf8(error.message), error.status)
