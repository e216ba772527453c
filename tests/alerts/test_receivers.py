"""What receivers are sent, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import email.policy
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from support.http_sink import HttpSink
from vedette.alerts.alert import Alert
from vedette.alerts.config import read_config
from vedette.alerts.notify.errors import Failure, NotifyError, redacted
from vedette.alerts.notify.integration import Integration, Tools
from vedette.alerts.notify.kinds import build
from vedette.alerts.notify.message import Message
from vedette.alerts.notify.templates import load_templates
from vedette.alerts.stages.dedup import Reason
from vedette.config.document import parse_document
from vedette.model.labels import Labels

NOW = 1_767_268_800 * 10**9


def alert(*, resolved: bool = False, **labels: str) -> Alert:
    return Alert(
        labels=Labels(labels),
        annotations={"summary": f"{labels.get('job', 'it')} is <down>"},
        starts_at=NOW - 60 * 10**9,
        ends_at=NOW - 1 if resolved else NOW + 10**9,
        updated_at=NOW,
        generator_url="http://prom.example/graph?g0.expr=up",
    )


def message(*alerts: Alert, receiver: str = "team.a") -> Message:
    return Message(
        receiver=receiver,
        group_key='{}:{alertname="APIDown"}',
        group_labels=Labels.of(alertname="APIDown"),
        alerts=alerts,
        reason=Reason.FIRST,
        now=NOW,
        external_url="http://am.example",
    )


FIRING = message(alert(alertname="APIDown", job="api", severity="critical"))
RESOLVED = message(alert(alertname="APIDown", job="api", resolved=True))


def integration(entry: str, tmp_path: Path, general: str = "{}") -> Integration:
    text = f"global: {general}\nroute: {{receiver: r}}\nreceivers: [{{name: r, {entry}}}]"
    config = read_config(parse_document(text, path=str(tmp_path / "am.yml"), env={}))
    tools = Tools(load_templates(config, now=lambda: NOW), tmp_path, "Test")
    (made,) = build(config.receivers["r"], tools)
    return made


async def told(entry: str, tmp_path: Path, what: Message, general: str = "{}") -> None:
    async with integration(entry, tmp_path, general) as made:
        await made.notify(what)


async def test_webhook(tmp_path: Path) -> None:
    async with HttpSink() as sink:
        await told(
            f"webhook_configs: [{{url: '{sink.url}/hook/{{{{ .GroupLabels.alertname }}}}'}}]",
            tmp_path,
            FIRING,
        )
    ((path, headers, body),) = sink.requests
    assert path == "/hook/APIDown" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "version": "4",
        "groupKey": '{}:{alertname="APIDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "team\\.a",
        "groupLabels": {"alertname": "APIDown"},
        "commonLabels": {"alertname": "APIDown", "job": "api", "severity": "critical"},
        "commonAnnotations": {"summary": "api is <down>"},
        "externalURL": "http://am.example",
        "routeLabels": {},
        "notification_reason": "first notification",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "APIDown", "job": "api", "severity": "critical"},
                "annotations": {"summary": "api is <down>"},
                "startsAt": "2026-01-01T11:59:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prom.example/graph?g0.expr=up",
                "fingerprint": f"{FIRING.alerts[0].fingerprint:016x}",
            }
        ],
    }


async def test_webhook_cuts_alerts_and_takes_a_body_of_ones_own(tmp_path: Path) -> None:
    many = message(*(alert(alertname="APIDown", n=str(n)) for n in range(5)))
    async with HttpSink() as sink:
        await told(f"webhook_configs: [{{url: '{sink.url}', max_alerts: 2}}]", tmp_path, many)
        own = "{text: '{{ .Status }}', list: ['{{ len .Alerts }}', 'x'], deep: {n: '{{ .Receiver }}'}}"
        await told(f"webhook_configs: [{{url: '{sink.url}', payload: {own}}}]", tmp_path, many)
    cut, own_body = (json.loads(body) for _, _, body in sink.requests)
    assert len(cut["alerts"]) == 2 and cut["truncatedAlerts"] == 3
    assert own_body == {"text": "firing", "list": ["5", "x"], "deep": {"n": "team\\.a"}}


async def test_slack(tmp_path: Path) -> None:
    async with HttpSink() as sink:
        entry = f"slack_configs: [{{api_url: '{sink.url}/T0', channel: '#a', text: '{{{{ .CommonAnnotations.summary }}}}'}}]"
        await told(entry, tmp_path, FIRING)
        await told(entry, tmp_path, RESOLVED)
    first, second = (json.loads(body) for _, _, body in sink.requests)
    link = "http://am.example/#/alerts?receiver=team%5C.a"
    assert first == {
        "channel": "#a",
        "username": "Alertmanager",
        "attachments": [
            {
                "title": "[FIRING:1] APIDown (api critical)",
                "title_link": link,
                "text": "api is <down>",
                "fallback": f"[FIRING:1] APIDown (api critical) | {link}",
                "callback_id": "",
                "footer": "",
                "color": "danger",
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    }
    assert second["attachments"][0]["title"] == "[RESOLVED] APIDown (api)"
    assert second["attachments"][0]["color"] == "good"


async def test_pagerduty_v2(tmp_path: Path) -> None:
    async with HttpSink(202) as sink:
        entry = f"pagerduty_configs: [{{routing_key: key, url: '{sink.url}/v2/enqueue', severity: '{{{{ .CommonLabels.severity }}}}'}}]"
        await told(entry, tmp_path, FIRING)
        await told(entry, tmp_path, RESOLVED)
    first, second = (json.loads(body) for _, _, body in sink.requests)
    details = first["payload"].pop("custom_details")
    assert first == {
        "routing_key": "key",
        "dedup_key": FIRING.key_hash,
        "event_action": "trigger",
        "client": "Alertmanager",
        "client_url": "http://am.example/#/alerts?receiver=team%5C.a",
        "payload": {
            "summary": "[FIRING:1] APIDown (api critical)",
            "source": "Alertmanager",
            "severity": "critical",
        },
    }
    assert details["num_firing"] == "1" and details["resolved"] == []
    assert details["firing"][0]["labels"] == {"alertname": "APIDown", "job": "api", "severity": "critical"}
    assert details["firing"][0]["startsAt"] == "2026-01-01T11:59:00Z"
    assert (second["event_action"], second["dedup_key"]) == ("resolve", first["dedup_key"])


async def test_pagerduty_v1_goes_to_its_own_address(tmp_path: Path, monkeypatch: Any) -> None:
    async with HttpSink() as sink:
        monkeypatch.setenv("VEDETTE_HOST_ALIASES", f"events.pagerduty.com={sink.url}")
        await told("pagerduty_configs: [{service_key: old}]", tmp_path, FIRING)
    ((path, _, body),) = sink.requests
    event = json.loads(body)
    assert path == "/generic/2010-04-15/create_event.json"
    assert (event["service_key"], event["event_type"], event["incident_key"]) == (
        "old",
        "trigger",
        FIRING.key_hash,
    )


@pytest.mark.parametrize(
    ("status", "retry", "failure"),
    [(500, True, Failure.SERVER), (400, False, Failure.CLIENT), (401, False, Failure.AUTH), (429, False, Failure.RATE_LIMITED)],
)  # fmt: skip
async def test_refusals(tmp_path: Path, status: int, retry: bool, failure: Failure) -> None:
    async with HttpSink(status) as sink:
        with pytest.raises(NotifyError) as raised:
            await told(f"webhook_configs: [{{url: '{sink.url}/secret'}}]", tmp_path, FIRING)
    assert (raised.value.retry, raised.value.failure) == (retry, failure)
    assert "secret" not in str(raised.value)


async def test_nobody_there_may_be_tried_again(tmp_path: Path) -> None:
    async with HttpSink() as sink:
        url = sink.url
    with pytest.raises(NotifyError) as raised:
        await told(f"webhook_configs: [{{url: '{url}/secret'}}]", tmp_path, FIRING)
    assert raised.value.retry and "secret" not in str(raised.value)


async def test_a_template_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    entry = "slack_configs: [{api_url: 'http://x.example/', channel: '{{ index .Alerts 7 }}'}]"
    with pytest.raises(NotifyError) as raised:
        await told(entry, tmp_path, FIRING)
    assert not raised.value.retry and "index out of range: 7" in str(raised.value)


def test_addresses_are_redacted() -> None:
    assert redacted("post https://u:p@h.example:8/a/b?c: no") == "post https://h.example:8/<redacted> no"


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 OK"


def password_is_right(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"me", b"secret")
    return AuthResult(success=right, handled=right)


@contextlib.asynccontextmanager
async def mail_server(box: Mailbox, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop, **options), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_email(tmp_path: Path) -> None:
    box = Mailbox()
    entry = (
        "email_configs: [{to: 'Ops <ops@example.org>, b@example.org', require_tls: false, text: '{{ len .Alerts }} alert',"
        " headers: {X-Team: '{{ .Receiver }}'}, auth_password: secret}]"
    )
    options = {"authenticator": password_is_right, "auth_require_tls": False, "auth_required": True}
    async with mail_server(box, **options) as port:
        general = f"{{smtp_smarthost: '127.0.0.1:{port}', smtp_from: am@example.org, smtp_auth_username: me}}"
        await told(entry, tmp_path, FIRING, general)
        with pytest.raises(NotifyError) as raised:
            await told(
                entry.replace("auth_password: secret", "auth_password: wrong"), tmp_path, FIRING, general
            )
    assert not raised.value.retry
    (envelope,) = box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("am@example.org", ["ops@example.org", "b@example.org"])
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert mail["Subject"] == "[FIRING:1] APIDown (api critical)"
    assert (mail["From"], mail["X-Team"]) == ("am@example.org", "team\\.a")
    assert mail["Message-Id"] and mail["Date"] == "Thu, 01 Jan 2026 12:00:00 +0000"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert text.strip() == "1 alert"
    assert (
        "[1] Firing" in html
        and "api is &lt;down&gt;" in html
        and "http://prom.example/graph?g0.expr=up" in html
    )


async def test_email_asks_for_starttls(tmp_path: Path) -> None:
    async with mail_server(Mailbox()) as port:
        entry = f"email_configs: [{{to: a@b.example, from: c@d.example, smarthost: '127.0.0.1:{port}'}}]"
        with pytest.raises(NotifyError) as raised:
            await told(entry, tmp_path, FIRING)
    assert "does not advertise the STARTTLS extension" in str(raised.value)
