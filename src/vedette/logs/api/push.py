"""`/loki/api/v1/push` and the older `/api/prom/push`."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vedette.logs.api.context import Context
from vedette.logs.api.query import Handler
from vedette.logs.ingest import PushRequest
from vedette.logs.push.errors import PushError
from vedette.web.errors import ApiError

# A body this small is taken in faster than a thread would be found for it.
_INLINE_BYTES = 32 << 10


def push(context: Context, *, legacy: bool = False) -> Handler:
    async def handle(request: Request) -> Response:
        body = await _body(request, context.ingester.limits.max_body_bytes)
        headers = request.headers
        encoding = headers.get("content-encoding", "").strip().lower()
        pushed = PushRequest(body, headers.get("content-type", ""), encoding, legacy)
        try:
            if len(body) <= _INLINE_BYTES:
                context.ingester.push(pushed)
            else:
                await run_in_threadpool(context.ingester.push, pushed)
        except PushError as error:
            raise ApiError(error.status, "push", str(error)) from None
        except OSError as error:
            raise ApiError(500, "storage", f"the lines could not be written: {error.strerror}") from None
        return Response(status_code=204)

    return handle


async def _body(request: Request, limit: int) -> bytes:
    """The body, of at most `limit` bytes. Raises `ApiError`."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise ApiError(413, "push", f"request body too large: limit: {limit} bytes")
        parts.append(part)
    return b"".join(parts)
