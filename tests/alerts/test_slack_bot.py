"""Slack by a bot's token: the API's answers, and messages that are edited instead of repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from alerts.test_receivers import FIRING, RESOLVED, integration
from vedette.alerts.notify.errors import NotifyError


async def slack(answer: Any, asked: list[tuple[str, str, Any]]) -> TestServer:
    async def handle(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers["Authorization"], json.loads(await request.read())))
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    return server


async def test_a_message_is_edited_when_its_group_changes(tmp_path: Path) -> None:
    asked: list[tuple[str, str, Any]] = []
    server = await slack({"ok": True, "ts": "17.5", "channel": "C1"}, asked)
    url = str(server.make_url("/api/chat.postMessage"))
    entry = f"slack_configs: [{{app_token: xoxb-1, app_url: '{url}', channel: '#a', update_message: true}}]"
    async with integration(entry, tmp_path) as made:
        memory = await made.notify(FIRING)
        assert memory == {"ts": "17.5", "channel": "C1"}
        await made.notify(replace(RESOLVED, memory=memory))
    await server.close()
    (first, second) = asked
    assert first[:2] == ("/api/chat.postMessage", "Bearer xoxb-1") and "ts" not in first[2]
    assert second[0] == "/api/chat.update" and (second[2]["ts"], second[2]["channel"]) == ("17.5", "C1")


async def test_a_refusal_with_status_200_is_a_failure(tmp_path: Path) -> None:
    server = await slack({"ok": False, "error": "channel_not_found"}, [])
    entry = f"slack_configs: [{{app_token: xoxb-1, app_url: '{server.make_url('/')}', channel: '#a'}}]"
    async with integration(entry, tmp_path) as made:
        with pytest.raises(NotifyError) as raised:
            await made.notify(FIRING)
    await server.close()
    assert not raised.value.retry and str(raised.value) == "error response from Slack: channel_not_found"
