"""Answers: ``{"status":"success","data":...}`` around objects, or around bytes that a kernel wrote."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vedette.web.errors import utf8

TRUNCATED = "results truncated due to limit"
_COMPRESS_FROM = 1024
_COMPRESS_LEVEL = 1


def success(data: Any, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> Response:
    return json_response(envelope(_json(data), warnings=warnings, infos=infos))


def _json(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:  # a text with bytes that are no UTF-8, from a query or an old block
        return utf8(json.dumps(data, ensure_ascii=False)).encode()


def envelope(data: bytes, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """The body of an answer whose `data` is JSON already."""
    parts = [b'{"status":"success","data":', data]
    if warnings:
        parts += [b',"warnings":', _json(list(warnings))]
    if infos:
        parts += [b',"infos":', _json(list(infos))]
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
