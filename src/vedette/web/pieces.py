"""Large answers, sent piece by piece as the client takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class PiecesResponse(Response):
    """A body of known length in pieces. Each is given to the connection when the one before is on its way, and freed:
    a slow client holds up nobody, and what it has is no longer kept for it."""

    def __init__(
        self,
        pieces: Iterable[bytes],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        self._pieces = deque(pieces)
        length = sum(len(piece) for piece in self._pieces)
        super().__init__(None, status_code, {**(headers or {}), "content-length": str(length)}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            while self._pieces:
                await send({"type": "http.response.body", "body": self._pieces.popleft(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
