"""Answers: ``{"status":"success","data":...}`` around objects, or around bytes that a kernel wrote."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

TRUNCATED = "results truncated due to limit"
_COMPRESS_FROM = 1024
_COMPRESS_LEVEL = 1


def success(data: Any, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> Response:
    return json_response(envelope(orjson.dumps(data), warnings=warnings, infos=infos))


def envelope(data: bytes, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """The body of an answer whose `data` is JSON already."""
    parts = [b'{"status":"success","data":', data]
    if warnings:
        parts += [b',"warnings":', orjson.dumps(list(warnings))]
    if infos:
        parts += [b',"infos":', orjson.dumps(list(infos))]
    parts.append(b"}")
    return b"".join(parts)


def json_response(body: bytes, *, gzipped: bool = False) -> Response:
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if gzipped else None
    return Response(body, media_type="application/json", headers=headers)


def wants_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def compress(body: bytes, *, gzip: bool) -> tuple[bytes, bool]:
    """`body`, compressed when asked for and worth it. For worker threads: a large answer takes its time."""
    if not gzip or len(body) < _COMPRESS_FROM:
        return body, False
    packer = zlib.compressobj(_COMPRESS_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush(), True
