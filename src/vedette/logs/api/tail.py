"""`/loki/api/v1/tail`: lines as they come, over a WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from vedette.logs.api.context import Context
from vedette.logs.api.parameters import Parameters
from vedette.logs.logql.run.entry import Entry
from vedette.logs.logql.run.logs import LogRequest, run_log_query
from vedette.logs.logql.run.source import Stats
from vedette.logs.logql.syntax import LogQLError, parse_query
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.tailing import Tail
from vedette.web.errors import ApiError

_HOUR = 3600 * 10**9
_PER_MESSAGE = 100
_POLICY = 1008
_MAX_DELAY_S = 5


def tail(context: Context) -> Callable[[WebSocket], Awaitable[None]]:
    async def handle(socket: WebSocket) -> None:
        parameters = Parameters(socket.query_params.multi_items())
        try:
            request, delay = _request(context, parameters)
            follower = Tail(request.query, asyncio.get_running_loop())
        except (ApiError, LogQLError) as error:
            await _refuse(socket, str(error))
            return
        limits = context.config.query_limits
        if limits.max_tails and len(context.tails) >= limits.max_tails:
            await _refuse(
                socket,
                f"max concurrent tail requests limit exceeded, count > limit ({limits.max_tails + 1} > {limits.max_tails})",
            )
            return
        await socket.accept()
        context.tails.add(follower)
        try:
            await _follow(context, socket, request, follower, delay)
        except (WebSocketDisconnect, ConnectionError):
            pass
        finally:
            context.tails.remove(follower)

    return handle


def _request(context: Context, parameters: Parameters) -> tuple[LogRequest, int]:
    """Raises `ApiError`, `LogQLError`."""
    query = parse_query(parameters.get("query"))
    if not isinstance(query, n.LogQuery):
        raise LogQLError("only log queries can be tailed", positioned=False)
    now = context.clock()
    delay = parameters.get("delay_for") or "0"
    if not delay.isdigit() or int(delay) > _MAX_DELAY_S:
        raise LogQLError(f"delay_for can't be greater than {_MAX_DELAY_S}", positioned=False)
    start = parameters.time("start", now - _HOUR)
    return LogRequest(query, start, now + _HOUR, parameters.limit(), backward=True), int(delay)


async def _refuse(socket: WebSocket, reason: str) -> None:
    await socket.accept()
    # A close frame holds 123 bytes of text.
    await socket.close(_POLICY, reason.encode()[:120].decode("utf-8", "ignore"))


async def _follow(
    context: Context, socket: WebSocket, request: LogRequest, follower: Tail, delay: int
) -> None:
    gone = asyncio.create_task(_until_gone(socket))
    try:
        history = await context.query(lambda check: run_log_query(context.store, request, Stats(), check))
        history.reverse()
        # Lines pushed while the history was read are in both.
        seen = {(entry.time, entry.line) for entry in history}
        for at in range(0, len(history), _PER_MESSAGE):
            await socket.send_text(_message(history[at : at + _PER_MESSAGE], []))
        ends = time.monotonic() + context.config.query_limits.tail_max_duration_s
        while not gone.done():
            arrived = asyncio.create_task(follower.arrived.wait())
            await asyncio.wait(
                {arrived, gone}, timeout=ends - time.monotonic(), return_when=asyncio.FIRST_COMPLETED
            )
            arrived.cancel()
            if gone.done():
                return
            if time.monotonic() >= ends:
                await socket.close(1000, "reached tail max duration limit")
                return
            if delay:
                await asyncio.sleep(delay)
            entries, dropped = follower.take(_PER_MESSAGE)
            entries = [entry for entry in entries if (entry.time, entry.line) not in seen]
            if entries or dropped:
                await socket.send_text(_message(sorted(entries, key=lambda entry: entry.time), dropped))
    finally:
        gone.cancel()


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _message(entries: Sequence[Entry], dropped: Sequence[Entry]) -> str:
    """One stream object an entry, as the original sends them."""
    body: dict[str, Any] = {
        "streams": [
            {"stream": entry.labels(), "values": [[str(entry.time), entry.line.decode("utf-8", "replace")]]}
            for entry in entries
        ]
    }
    if dropped:
        body["dropped_entries"] = [
            {"timestamp": str(entry.time), "labels": dict(entry.stream)} for entry in dropped
        ]
    return orjson.dumps(body).decode()
