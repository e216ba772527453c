from __future__ import annotations

import socket
from email.message import EmailMessage

import aiohttp
import aiosmtplib

from vedette.stack.inbox import Inbox
from vedette.web.role import Listen, WebServer


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def test_every_door_keeps_what_arrives() -> None:
    inbox = Inbox(Listen(port=0), Listen(port=free_port()))
    async with inbox, WebServer(inbox.app, inbox.listen) as server, aiohttp.ClientSession() as session:
        base = f"http://{server.address}"
        async with session.post(
            f"{base}/slack/x", json={"attachments": [{"title": "[FIRING:1]", "text": "<b>"}]}
        ) as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        event = {"event_action": "trigger", "dedup_key": "k", "payload": {"summary": "down"}}
        async with session.post(f"{base}/v2/enqueue", json=event) as answer:
            assert answer.status == 202
            assert (await answer.json())["dedup_key"] == "k"
        async with session.post(f"{base}/hook", data="no json") as answer:
            assert answer.status == 200
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "[RESOLVED] x", "a@example.com", "b@example.com"
        mail.set_content("it is over")
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=inbox.smtp.port)
        async with session.get(f"{base}/api/messages") as answer:
            messages = (await answer.json())["messages"]
        async with session.get(base) as answer:
            assert "&lt;b&gt;" in await answer.text()
    assert [(m["channel"], m["title"], m["text"].strip()) for m in messages] == [
        ("email", "[RESOLVED] x", "it is over"),
        ("webhook", "", ""),
        ("pagerduty", "trigger", "down"),
        ("slack", "[FIRING:1]", "<b>"),
    ]


async def test_bodies_of_another_shape_are_kept_too() -> None:
    inbox = Inbox(Listen(port=0), Listen(port=free_port()))
    async with inbox, WebServer(inbox.app, inbox.listen) as server, aiohttp.ClientSession() as session:
        for door in ("slack", "v2/enqueue", "hook"):
            for body in (
                {"attachments": ["x"], "payload": "x"},
                {"attachments": "x", "payload": []},
                [1],
                None,
                "x",
            ):
                async with session.post(f"http://{server.address}/{door}", json=body) as answer:
                    assert answer.status in (200, 202)
    assert len(inbox.messages) == 15
    assert {message.title for message in inbox.messages} == {""}
