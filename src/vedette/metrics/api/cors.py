"""Cross-origin requests: answered for every origin that a regular expression accepts."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.model.labels import compile_regex

_ALLOWED = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Origin",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Expose-Headers": "Date",
    "Vary": "Origin",
}


class Cors:
    """Adds the headers for origins that `origin` (anchored RE2) matches, and answers OPTIONS."""

    def __init__(self, app: ASGIApp, *, origin: str = ".*") -> None:
        self.app = app
        self._any = origin == ".*"
        self._pattern = compile_regex(origin)

    def _headers(self, scope: Scope) -> dict[str, str]:
        origin = Headers(scope=scope).get("origin", "")
        if not origin:
            return {}
        if self._any:
            return {**_ALLOWED, "Access-Control-Allow-Origin": "*"}
        if self._pattern.match(origin):
            return {**_ALLOWED, "Access-Control-Allow-Origin": origin}
        return {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = self._headers(scope)
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=headers)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if headers and message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, with_headers)
