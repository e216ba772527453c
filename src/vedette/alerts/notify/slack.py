"""Slack: one attachment a group, through an incoming webhook or a bot's token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from vedette.alerts.notify.errors import Failure, NotifyError
from vedette.alerts.notify.integration import NO_MEMORY, HttpIntegration, Tools, unrenderable
from vedette.alerts.notify.message import Message, truncated
from vedette.alerts.notify.templates import Texts
from vedette.alerts.settings.receivers.slack import SlackAction, SlackSettings
from vedette.template import TemplateError

MAX_TITLE = 1024  # characters that Slack shows


class Slack(HttpIntegration):
    kind = "slack"

    def __init__(self, settings: SlackSettings, index: int, tools: Tools) -> None:
        super().__init__(index, settings.send_resolved, settings.http_config, tools)
        self.settings = settings

    async def notify(self, message: Message) -> Mapping[str, str]:
        settings = self.settings
        try:
            body = request_body(settings, Texts(self.tools.templates, message.data))
        except TemplateError as error:
            raise unrenderable(error) from None
        if settings.api_url or settings.api_url_file:
            url, headers = self.secret(settings.api_url, settings.api_url_file), {}
        else:
            token = self.secret(settings.app_token, settings.app_token_file)
            url, headers = settings.app_url, {"Authorization": f"Bearer {token}"}
            if settings.update_message and message.memory.get("ts"):
                body |= {"ts": message.memory["ts"], "channel": message.memory["channel"]}
                url = url.replace("chat.postMessage", "chat.update")
        answer = await self.post(url, body, timeout_ms=settings.timeout, headers=headers)
        return _understood(answer) if settings.update_message or headers else _checked(answer)


def _checked(answer: bytes) -> Mapping[str, str]:
    """An incoming webhook says ``ok``; a body that is JSON may still refuse."""
    if answer.lstrip().startswith(b"{"):
        _understood(answer)
    return NO_MEMORY


def _understood(answer: bytes) -> Mapping[str, str]:
    """The id of the message from an API answer. Raises `NotifyError` for a refusal, which comes with status 200."""
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise NotifyError("could not read Slack's answer", retry=True) from None
    if not isinstance(told, dict) or told.get("ok") is False:
        reason = told.get("error", "unknown error") if isinstance(told, dict) else "unknown error"
        raise NotifyError(f"error response from Slack: {reason}", retry=False, failure=Failure.CLIENT)
    if not told.get("ts"):
        return NO_MEMORY
    return {"ts": str(told["ts"]), "channel": str(told.get("channel", ""))}


def request_body(settings: SlackSettings, texts: Texts) -> dict[str, Any]:
    """Raises `TemplateError`."""
    text = texts.text
    attachment: dict[str, Any] = {
        "title": truncated(text(settings.title), MAX_TITLE),
        "title_link": text(settings.title_link),
        "pretext": text(settings.pretext),
        "text": text(settings.text),
        "fallback": text(settings.fallback),
        "callback_id": text(settings.callback_id),
        "fields": [
            {
                "title": text(given.title),
                "value": text(given.value),
                "short": settings.short_fields if given.short is None else given.short,
            }
            for given in settings.fields
        ],
        "image_url": text(settings.image_url),
        "thumb_url": text(settings.thumb_url),
        "footer": text(settings.footer),
        "actions": [_action(action, texts) for action in settings.actions],
        "color": text(settings.color),
        "mrkdwn_in": settings.mrkdwn_in,
    }
    always = ("text", "fallback", "callback_id", "footer")
    body: dict[str, Any] = {
        "channel": text(settings.channel),
        "username": text(settings.username),
        "icon_emoji": text(settings.icon_emoji),
        "icon_url": text(settings.icon_url),
        "link_names": settings.link_names,
        "text": text(settings.message_text),
        "attachments": [{key: value for key, value in attachment.items() if value or key in always}],
    }
    return {key: value for key, value in body.items() if value}


def _action(action: SlackAction, texts: Texts) -> dict[str, Any]:
    text = texts.text
    made: dict[str, Any] = {
        "type": text(action.type),
        "text": text(action.text),
        "url": text(action.url),
        "style": text(action.style),
        "name": text(action.name),
        "value": text(action.value),
    }
    if action.confirm is not None:
        confirm = {
            "title": text(action.confirm.title),
            "text": text(action.confirm.text),
            "ok_text": text(action.confirm.ok_text),
            "dismiss_text": text(action.confirm.dismiss_text),
        }
        made["confirm"] = {key: value for key, value in confirm.items() if value}
    return {key: value for key, value in made.items() if value or key in ("type", "text")}
