"""PagerDuty: events of API v2 (a routing key) or v1 (a service key)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from vedette.alerts.notify.integration import NO_MEMORY, HttpIntegration, Tools, unrenderable
from vedette.alerts.notify.message import Message, truncated
from vedette.alerts.notify.templates import Texts
from vedette.alerts.settings.receivers.pagerduty import PagerdutySettings
from vedette.template import TemplateError

V1_URL = "https://events.pagerduty.com/generic/2010-04-15/create_event.json"
MAX_SUMMARY = 1024  # characters
MAX_EVENT = 512_000  # bytes; PagerDuty refuses more


class Pagerduty(HttpIntegration):
    kind = "pagerduty"

    def __init__(self, settings: PagerdutySettings, index: int, tools: Tools) -> None:
        super().__init__(index, settings.send_resolved, settings.http_config, tools)
        self.settings = settings

    async def notify(self, message: Message) -> Mapping[str, str]:
        settings = self.settings
        texts = Texts(self.tools.templates, message.data)
        try:
            if settings.service_key or settings.service_key_file:
                key = texts.text(self.secret(settings.service_key, settings.service_key_file))
                body = event_v1(settings, message, texts, key)
                # Too many at once is a 403 there.
                await self.post(V1_URL, body, timeout_ms=settings.timeout, retry_on=(403,))
            else:
                key = texts.text(self.secret(settings.routing_key, settings.routing_key_file))
                body = event_v2(settings, message, texts, key)
                await self.post(settings.url, body, timeout_ms=settings.timeout, retry_on=(429,))
        except TemplateError as error:
            raise unrenderable(error) from None
        return NO_MEMORY


def _action(message: Message) -> str:
    return "trigger" if message.data.status == "firing" else "resolve"


def _details(settings: PagerdutySettings, texts: Texts) -> dict[str, Any]:
    return {name: _maybe_json(texts.text(written)) for name, written in sorted(settings.details.items())}


def _maybe_json(text: str) -> Any:
    """A value that a template wrote as JSON is sent as such, so that PagerDuty can show it unfolded."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def event_v1(settings: PagerdutySettings, message: Message, texts: Texts, key: str) -> dict[str, Any]:
    """Raises `TemplateError`."""
    event: dict[str, Any] = {
        "service_key": key,
        "incident_key": message.key_hash,
        "event_type": _action(message),
        "description": truncated(texts.text(settings.description), MAX_SUMMARY),
    }
    if event["event_type"] == "trigger":
        event["client"] = texts.text(settings.client)
        event["client_url"] = texts.text(settings.client_url)
    event["details"] = _details(settings, texts)
    return _fitting(event, event)


def event_v2(settings: PagerdutySettings, message: Message, texts: Texts, key: str) -> dict[str, Any]:
    """Raises `TemplateError`."""
    text = texts.text
    payload: dict[str, Any] = {
        "summary": truncated(text(settings.description), MAX_SUMMARY),
        "source": text(settings.source),
        "severity": text(settings.severity),
        "class": text(settings.class_),
        "component": text(settings.component),
        "group": text(settings.group),
        "custom_details": _details(settings, texts),
    }
    always = ("summary", "source", "severity")
    event: dict[str, Any] = {
        "routing_key": key,
        "dedup_key": message.key_hash,
        "event_action": _action(message),
        "payload": {name: value for name, value in payload.items() if value or name in always},
        "client": text(settings.client),
        "client_url": text(settings.client_url),
    }
    images = [{"src": text(i.src), "alt": text(i.alt), "href": text(i.href)} for i in settings.images]
    links = [{"href": text(link.href), "text": text(link.text)} for link in settings.links]
    event["images"] = [
        {name: value for name, value in image.items() if value} for image in images if image["src"]
    ]
    event["links"] = [
        {name: value for name, value in link.items() if value} for link in links if link["href"]
    ]
    return _fitting({name: value for name, value in event.items() if value}, event["payload"])


def _fitting(event: dict[str, Any], holder: dict[str, Any]) -> dict[str, Any]:
    """`event`, without its details when it is more than PagerDuty takes. `holder` is the part that has them."""
    if len(orjson.dumps(event)) <= MAX_EVENT:
        return event
    key = "custom_details" if "custom_details" in holder else "details"
    holder[key] = {
        "error": "the details were left out: with them the event is more than the 512 kB that PagerDuty takes"
    }
    return event
