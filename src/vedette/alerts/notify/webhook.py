"""Webhook: the whole group as JSON, or a body of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vedette.alerts.notify.errors import NotifyError
from vedette.alerts.notify.integration import NO_MEMORY, HttpIntegration, Tools, unrenderable
from vedette.alerts.notify.message import Message, MessageAlert
from vedette.alerts.notify.templates import Texts
from vedette.alerts.settings.common import check_url
from vedette.alerts.settings.receivers.webhook import WebhookSettings
from vedette.model.time import format_rfc3339
from vedette.template import TemplateError
from vedette.template.gotime import ZERO_TIME_NS, Time

VERSION = "4"


class Webhook(HttpIntegration):
    kind = "webhook"

    def __init__(self, settings: WebhookSettings, index: int, tools: Tools) -> None:
        super().__init__(index, settings.send_resolved, settings.http_config, tools)
        self.settings = settings

    async def notify(self, message: Message) -> Mapping[str, str]:
        texts = Texts(self.tools.templates, message.data)
        written = self.secret(self.settings.url, self.settings.url_file)
        try:
            url = check_url(texts.text(written))
            body = (
                payload(message, self.settings.max_alerts)
                if self.settings.payload is None
                else texts.tree(self.settings.payload)
            )
        except TemplateError as error:
            raise unrenderable(error) from None
        except ValueError as error:
            raise NotifyError(str(error), retry=False) from None
        await self.post(url, body, timeout_ms=self.settings.timeout)
        return NO_MEMORY


def payload(message: Message, max_alerts: int = 0) -> dict[str, Any]:
    """The body that webhooks know; `max_alerts` 0 means all."""
    data = message.data
    shown = data.alerts[:max_alerts] if max_alerts else data.alerts
    return {
        "receiver": data.receiver,
        "status": data.status,
        "alerts": [_alert(alert) for alert in shown],
        "groupLabels": dict(sorted(data.group_labels.items())),
        "commonLabels": dict(sorted(data.common_labels.items())),
        "commonAnnotations": dict(sorted(data.common_annotations.items())),
        "externalURL": data.external_url,
        "routeLabels": dict(sorted(data.route_labels.items())),
        "notification_reason": data.reason,
        "version": VERSION,
        "groupKey": message.group_key,
        "truncatedAlerts": len(data.alerts) - len(shown),
    }


def _alert(alert: MessageAlert) -> dict[str, Any]:
    return {
        "status": alert.status,
        "labels": dict(sorted(alert.labels.items())),
        "annotations": dict(sorted(alert.annotations.items())),
        "startsAt": _time(alert.starts_at),
        "endsAt": _time(alert.ends_at),
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
    }


def _time(moment: Time) -> str:
    return "0001-01-01T00:00:00Z" if moment.ns == ZERO_TIME_NS else format_rfc3339(moment.ns)
