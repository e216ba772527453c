"""The demo's inbox: doors for Slack, PagerDuty, webhooks and mail that keep notifications on this machine.

    python -m vedette.stack.inbox --listen 127.0.0.1:8025 --smtp 127.0.0.1:8026

``/`` shows what has arrived, newest first; ``/api/messages`` gives it as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import html
import sys
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import orjson
from aiosmtpd.smtp import SMTP
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vedette.config.log import setup_logging
from vedette.web.app import create_app
from vedette.web.role import Listen, run_roles
from vedette.web.selfmetrics import new_registry

KEPT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One notification as it arrived. `title` and `text` are what a person would have read."""

    number: int
    time: str
    channel: str  # slack, pagerduty, webhook or email
    title: str
    text: str
    body: Any


class Inbox:
    """A role: HTTP doors, and a mail door beside them."""

    name = "inbox"

    def __init__(self, listen: Listen, smtp: Listen) -> None:
        self.listen = listen
        self.smtp = smtp
        self.messages: deque[Message] = deque(maxlen=KEPT)
        self._count = 0
        self._mail: asyncio.Server | None = None
        routes = [
            Route("/", self._page),
            Route("/api/messages", self._list),
            Route("/slack/{rest:path}", self._slack, methods=["POST"]),
            Route("/slack", self._slack, methods=["POST"]),
            Route("/v2/enqueue", self._pagerduty, methods=["POST"]),
            Route("/generic/2010-04-15/create_event.json", self._pagerduty, methods=["POST"]),
            Route("/{rest:path}", self._webhook, methods=["POST"]),
        ]
        self.app: ASGIApp = create_app("inbox", routes, registry=new_registry("inbox"))

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._mail = await loop.create_server(
            lambda: SMTP(self, loop=loop, ident="Vedette inbox"), self.smtp.host, self.smtp.port
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mail is not None:
            self._mail.close()

    async def reload(self) -> None:
        """There is no configuration to read again."""

    def keep(self, channel: str, title: str, text: str, body: Any) -> None:
        self._count += 1
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self.messages.appendleft(Message(self._count, now, channel, title, text, body))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """One mail, from aiosmtpd."""
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = mail.get_body(("plain", "html"))
        text = part.get_content() if part is not None else ""
        body = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "headers": dict(mail.items())}
        self.keep("email", str(mail["subject"] or ""), text, body)
        return "250 OK"

    async def _read(self, request: Request) -> Any:
        raw = await request.body()
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw.decode("utf-8", "replace")

    async def _slack(self, request: Request) -> Response:
        body = await self._read(request)
        attachments = _member(body, "attachments")
        first = attachments[0] if isinstance(attachments, list) and attachments else {}
        self.keep("slack", str(_member(first, "title")), str(_member(first, "text")), body)
        return PlainTextResponse("ok")

    async def _pagerduty(self, request: Request) -> Response:
        body = await self._read(request)
        summary = _member(_member(body, "payload"), "summary") or _member(body, "description")
        action = _member(body, "event_action") or _member(body, "event_type")
        self.keep("pagerduty", str(action), str(summary), body)
        key = _member(body, "dedup_key") or _member(body, "incident_key")
        return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    async def _webhook(self, request: Request) -> Response:
        body = await self._read(request)
        self.keep("webhook", str(_member(body, "status")), "", body)
        return PlainTextResponse("")

    async def _list(self, request: Request) -> Response:
        return JSONResponse({"messages": [asdict(message) for message in self.messages]})

    async def _page(self, request: Request) -> Response:
        rows = "".join(
            f"<tr><td>{html.escape(m.time)}</td><td><b>{html.escape(m.channel)}</b></td>"
            f"<td>{html.escape(m.title)}</td><td><pre>{html.escape(m.text)}</pre></td></tr>"
            for m in self.messages
        )
        empty = "<p>Nothing has arrived yet. Try <code>vedette demo break api</code> and wait a minute.</p>"
        style = (
            "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}"
            "td{padding:.4rem 1rem .4rem 0;vertical-align:top;border-top:1px solid #8884}pre{margin:0;font:inherit;white-space:pre-wrap}"
        )
        table = f"<table>{rows}</table>" if rows else empty
        return HTMLResponse(
            '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
            f"<title>Inbox</title><style>{style}</style><h1>Notifications that have left</h1>{table}"
        )


def _member(body: Any, key: str) -> Any:
    """`body[key]` of whatever JSON arrived; empty when it has no such thing."""
    return body.get(key, "") if isinstance(body, dict) else ""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="vedette.stack.inbox")
    parser.add_argument("--listen", default="127.0.0.1:8025")
    parser.add_argument("--smtp", default="127.0.0.1:8026")
    args = parser.parse_args(argv)
    setup_logging()
    return run_roles([Inbox(Listen.parse(args.listen), Listen.parse(args.smtp))])


if __name__ == "__main__":
    sys.exit(main())
