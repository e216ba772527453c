"""`/api/datasources/proxy/*`: the browser's requests, passed on to a data source as they are.

Bodies stream both ways and stay compressed. Cookies and the browser's own headers stay here; the source's headers
(credentials of a provisioning file) are added here and never reach a browser. A path with `..` is refused: the
address of the source may be a prefix that must not be left.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp
import websockets
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from vedette.client.aliases import lookup, rewrite
from vedette.client.http import HttpClient
from vedette.dashboards.datasources import DataSources
from vedette.dashboards.model.sources import DataSource
from vedette.web.errors import ApiError

QUERY_TIMEOUT_S = 120.0
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
_FORWARDED = ("accept", "accept-encoding", "content-type", "content-encoding", "x-scope-orgid")
_RETURNED = ("content-type", "content-encoding", "cache-control", "etag", "last-modified", "warning")


class ProxyRoutes:
    """The handlers over the role's sources."""

    def __init__(self, sources: DataSources, client: HttpClient) -> None:
        self._sources, self._client = sources, client

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/datasources/proxy/uid/{uid}/{path:path}", self.http, methods=METHODS),
            Route("/api/datasources/proxy/{number:int}/{path:path}", self.http, methods=METHODS),
            WebSocketRoute("/api/datasources/proxy/uid/{uid}/{path:path}", self.websocket),
        ]

    async def http(self, request: Request) -> Response:
        source = self._source(request.path_params)
        if source is None:
            raise ApiError(404, "not-found", "Data source not found")
        url = target_url(source, request.path_params["path"], request.url.query)
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        headers.setdefault("accept-encoding", "identity")
        exchange = self._client.request(
            request.method,
            url,
            data=await request.body() or None,
            headers={**headers, **source.headers},
            timeout_s=QUERY_TIMEOUT_S,
            decompress=False,
        )
        try:
            response = await exchange.__aenter__()
        except TimeoutError:
            raise ApiError(504, "", f"{source.name} did not answer within {QUERY_TIMEOUT_S:g} s") from None
        except (OSError, aiohttp.ClientError) as error:
            raise ApiError(502, "", f"{source.name} does not answer: {reason(error)}") from None

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in response.content.iter_chunked(65_536):
                    yield chunk
            finally:
                await exchange.__aexit__(None, None, None)

        returned = {name: response.headers[name] for name in _RETURNED if name in response.headers}
        return StreamingResponse(body(), response.status, headers=returned)

    async def websocket(self, socket: WebSocket) -> None:
        """Passes messages on in both directions until either side hangs up (Loki's live tail)."""
        source = self._source(socket.path_params)
        if source is None:
            await socket.close(code=4404, reason="Data source not found")
            return
        try:
            url = target_url(source, socket.path_params["path"], socket.url.query)
        except ApiError as error:
            await socket.close(code=4400, reason=error.message[:120])
            return
        await socket.accept()
        try:
            async with websockets.connect(
                _websocket_url(url),
                additional_headers=source.headers,
                max_size=None,
                open_timeout=10,
                proxy=None,
            ) as upstream:
                await _relay(socket, upstream)
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            with contextlib.suppress(RuntimeError):
                await socket.close(code=1011, reason=f"{source.name}: {error}"[:120])

    def _source(self, params: dict[str, object]) -> DataSource | None:
        if "uid" in params:
            return self._sources.by_uid(str(params["uid"]))
        return self._sources.by_number(int(str(params["number"])))


def target_url(source: DataSource, path: str, query: str) -> str:
    """The address at the source that `path` means.

    :raises ApiError: when the path would leave the source's own prefix.
    """
    if any(part in ("..", ".") for part in path.replace("\\", "/").split("/")):
        raise ApiError(400, "", "the path may not contain '.' or '..' segments")
    url = f"{source.url}/{quote(path.lstrip('/'), safe='/:@!$&()*+,;=~%-._')}"
    return f"{url}?{query}" if query else url


def reason(error: Exception) -> str:
    """The short form of why a connection failed."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return f"nothing listens on {error.host}:{error.port}"
    return str(error) or type(error).__name__


def _websocket_url(url: str) -> str:
    parts = urlsplit(rewrite(url))
    secure = parts.scheme == "https"
    found = lookup(parts.hostname or "", parts.port or (443 if secure else 80))
    host = f"[{found.host}]" if ":" in found.host else found.host
    return urlunsplit(("wss" if secure else "ws", f"{host}:{found.port}", parts.path, parts.query, ""))


async def _relay(socket: WebSocket, upstream: websockets.ClientConnection) -> None:
    async def down() -> None:
        async for message in upstream:
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)
        await socket.close(code=upstream.close_code or 1000, reason=upstream.close_reason or "")

    async def up() -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await upstream.send(message.get("text") or message.get("bytes") or b"")

    tasks = [asyncio.create_task(down()), asyncio.create_task(up())]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in pending:
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, websockets.WebSocketException):
            await task
    for task in done:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, websockets.ConnectionClosed):
            task.result()
