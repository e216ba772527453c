"""Answers: ``{"status":"success","data":...}`` around objects, or around bytes that a kernel wrote."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vedette.web.errors import utf8
from vedette.web.pieces import PiecesResponse

TRUNCATED = "results truncated due to limit"
_COMPRESS_FROM = 1024
_COMPRESS_LEVEL = 1
_PIECES_FROM = 1 << 18


def success(data: Any, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> Response:
    return json_response(envelope(to_json(data), warnings=warnings, infos=infos))


def to_json(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    # A text with bytes that are no UTF-8, from a query or an old block; or a tree of more than 254 levels.
    except TypeError:
        return utf8(json.dumps(data, ensure_ascii=False)).encode()


def envelope(data: bytes, *, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """The body of an answer whose `data` is JSON already."""
    return b"".join(envelope_pieces([data], warnings=warnings, infos=infos))


def envelope_pieces(
    data: Sequence[bytes], *, warnings: Sequence[str] = (), infos: Sequence[str] = ()
) -> list[bytes]:
    """The body of an answer whose `data` is JSON in pieces."""
    parts = [b'{"status":"success","data":', *data]
    if warnings:
        parts += [b',"warnings":', to_json(list(warnings))]
    if infos:
        parts += [b',"infos":', to_json(list(infos))]
    parts.append(b"}")
    return parts


def json_response(body: bytes | Sequence[bytes], *, gzipped: bool = False) -> Response:
    """`body` may come in pieces, which are then sent one after another."""
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if gzipped else None
    if isinstance(body, bytes):
        return Response(body, media_type="application/json", headers=headers)
    return PiecesResponse(body, media_type="application/json", headers=headers)


def wants_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def compress(body: bytes, *, gzip: bool) -> tuple[bytes, bool]:
    """`body`, compressed when asked for and worth it. For worker threads: a large answer takes its time."""
    packed, gzipped = compress_pieces([body], gzip=gzip)
    return b"".join(packed), gzipped


def compress_pieces(
    pieces: list[bytes], *, gzip: bool, check: Callable[[], None] = lambda: None
) -> tuple[list[bytes], bool]:
    """`compress` for a body in pieces; one that is small becomes a single piece. `check` may raise, to end the work."""
    size = sum(map(len, pieces))
    if gzip and size >= _COMPRESS_FROM:
        packer = zlib.compressobj(_COMPRESS_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        packed = []
        for piece in pieces:
            check()
            packed.append(packer.compress(piece))
        packed.append(packer.flush())
        return [piece for piece in packed if piece], True
    return ([b"".join(pieces)] if size < _PIECES_FROM else pieces), False
