"""Which entry of the file makes which integration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vedette.alerts.config import AlertsConfig, ReceiverConfig
from vedette.alerts.notify.email import Email
from vedette.alerts.notify.integration import Integration, Tools
from vedette.alerts.notify.pagerduty import Pagerduty
from vedette.alerts.notify.slack import Slack
from vedette.alerts.notify.webhook import Webhook
from vedette.config.problems import Problem

SENDABLE: dict[str, Callable[[Any, int, Tools], Integration]] = {
    "email": Email,
    "pagerduty": Pagerduty,
    "slack": Slack,
    "webhook": Webhook,
}
# Every kind that the original knows, so that metrics exist from the start.
ALL_KINDS = (
    "discord",
    "email",
    "incidentio",
    "jira",
    "mattermost",
    "msteams",
    "msteamsv2",
    "opsgenie",
    "pagerduty",
    "pushover",
    "rocketchat",
    "slack",
    "sns",
    "telegram",
    "victorops",
    "webex",
    "webhook",
    "wechat",
)


def unsupported(config: AlertsConfig) -> Iterator[Problem]:
    """Entries that a route leads to and that can't be told."""
    used = config.used_receivers()
    for receiver in config.receivers.values():
        if receiver.name not in used:
            continue
        for place, entry in receiver.entries:
            if entry.kind not in SENDABLE:
                yield config.document.problem(
                    place,
                    f'receiver "{receiver.name}": notifications to {entry.kind} are not supported',
                    f"supported: {', '.join(sorted(SENDABLE))}; a webhook can bridge to it",
                )


def build(receiver: ReceiverConfig, tools: Tools) -> list[Integration]:
    """The integrations of a receiver, numbered within their kind as the original does."""
    made: list[Integration] = []
    for place, entry in receiver.entries:
        index = place[-1]
        assert isinstance(index, int)
        made.append(SENDABLE[entry.kind](entry, index, tools))
    return made
