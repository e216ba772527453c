"""Each kind of trouble becomes its alert, the alert a notification at every receiver it is routed to, and mending ends both."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from support.stack import Stack, eventually, vedette
from vedette.stack.demo.conditions import ALERTS, Kind

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Critical alerts are routed to all three, warnings to Slack alone.
RECEIVERS = {
    "APIDown": {"slack", "pagerduty", "email"},
    "DatabaseDown": {"slack", "pagerduty", "email"},
    "RedisDown": {"slack", "pagerduty", "email"},
    "HighErrorRate": {"slack"},
    "SlowResponseTime": {"slack"},
    "SlowDatabaseQueries": {"slack"},
}
# The application's own faults first: what a missing database leaves in its error rate takes a while to fade.
ORDER = (Kind.ERRORS, Kind.LATENCY, Kind.API, Kind.DATABASE, Kind.REDIS)
FIRING = {"slack": "[FIRING:", "email": "[FIRING:", "pagerduty": "trigger"}
RESOLVED = {"slack": "[RESOLVED]", "email": "[RESOLVED]", "pagerduty": "resolve"}


@pytest.mark.parametrize("kind", ORDER, ids=str)
def test_a_break_is_told_and_its_end_too(stack: Stack, kind: Kind) -> None:
    names = set(ALERTS[kind])
    # What another test broke may still be felt.
    eventually(lambda: not names & (firing(stack) | active(stack)), what=f"quiet about {names}")
    before = last_number(stack)
    said = stack.demo("break", kind)
    assert "should fire" in said
    try:
        for name in names:
            eventually(lambda n=name: n in firing(stack), what=f"{name} fires")
            eventually(lambda n=name: n in active(stack), what=f"{name} reaches the alerts role")
            assert stack.query(f'ALERTS{{alertname="{name}", alertstate="firing"}}')
            told(stack, name, FIRING, before)
    finally:
        mended = last_number(stack)
        stack.demo("mend", kind)
    for name in names:
        eventually(lambda n=name: n not in firing(stack), what=f"{name} ends")
        told(stack, name, RESOLVED, mended)
        eventually(lambda n=name: n not in active(stack), what=f"{name} leaves the alerts role")


def test_a_notification_says_what_the_guide_wrote(stack: Stack) -> None:
    """Texts and addresses of the guide's receivers, from whichever alert has been told."""
    messages = stack.messages()
    slack = next(m for m in messages if m["channel"] == "slack" and "APIDown" in m["title"])
    assert slack["body"]["channel"] == "#alerts"
    assert slack["text"].strip() == "API has been unreachable for more than 1 minute"
    page = next(m for m in messages if m["channel"] == "pagerduty" and about(m, "APIDown"))
    assert page["text"] == "APIDown: API service is down"
    assert page["body"]["payload"]["severity"] == "error"
    (alert,) = page["body"]["payload"]["custom_details"]["firing"]
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    # Its link leads to the graph of its expression.
    with urllib.request.urlopen(alert["generatorURL"], timeout=10) as answer:
        assert answer.url.startswith(stack.url("dashboards", "/explore/metrics?"))
        assert "automation-orchestrator" in answer.url
    mail = next(m for m in messages if m["channel"] == "email" and "APIDown" in m["title"])
    assert mail["body"]["to"] == ["ops-team@example.com"]
    assert mail["body"]["from"] == "alerts@example.com"
    assert "API has been unreachable" in mail["text"]


def test_nothing_can_be_broken_that_is_not_there(stack: Stack) -> None:
    done = vedette("demo", "break", "everything", "--dir", stack.directory)
    assert done.returncode == 1
    assert "api, database, redis, errors, latency" in done.stderr
    assert "Traceback" not in done.stderr


def firing(stack: Stack) -> set[str]:
    """By the metrics role."""
    alerts = stack.get("metrics", "/api/v1/alerts")["alerts"]
    return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


def active(stack: Stack) -> set[str]:
    """By the alerts role."""
    return {alert["labels"]["alertname"] for alert in stack.get("alerts", "/api/v2/alerts", active="true")}


def test_every_kind_has_its_turn() -> None:
    assert set(ORDER) == set(Kind)


def last_number(stack: Stack) -> int:
    return max((int(message["number"]) for message in stack.messages()), default=0)


def about(message: dict[str, Any], alert: str) -> bool:
    if message["channel"] == "pagerduty":
        return str(message["text"]).startswith(f"{alert}:")
    return alert in str(message["title"])


def told(stack: Stack, alert: str, words: dict[str, str], after: int) -> None:
    """Waits until each receiver of the alert has a message that begins with its word."""

    def channels() -> set[str]:
        return {
            str(message["channel"])
            for message in stack.messages(after)
            if about(message, alert) and str(message["title"]).startswith(words[message["channel"]])
        }

    eventually(lambda: channels() >= RECEIVERS[alert], what=f"{alert} at {RECEIVERS[alert]}: {words}")
    assert channels() == RECEIVERS[alert]
