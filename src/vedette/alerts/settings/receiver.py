"""``receivers``: a name, and any number of each kind of destination."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from vedette.alerts.settings.common import Part
from vedette.alerts.settings.receivers.base import ReceiverEntry
from vedette.alerts.settings.receivers.discord import DiscordSettings
from vedette.alerts.settings.receivers.email import EmailSettings
from vedette.alerts.settings.receivers.incidentio import IncidentioSettings
from vedette.alerts.settings.receivers.jira import JiraSettings
from vedette.alerts.settings.receivers.mattermost import MattermostSettings
from vedette.alerts.settings.receivers.msteams import MsteamsSettings
from vedette.alerts.settings.receivers.msteamsv2 import Msteamsv2Settings
from vedette.alerts.settings.receivers.opsgenie import OpsgenieSettings
from vedette.alerts.settings.receivers.pagerduty import PagerdutySettings
from vedette.alerts.settings.receivers.pushover import PushoverSettings
from vedette.alerts.settings.receivers.rocketchat import RocketchatSettings
from vedette.alerts.settings.receivers.slack import SlackSettings
from vedette.alerts.settings.receivers.sns import SnsSettings
from vedette.alerts.settings.receivers.telegram import TelegramSettings
from vedette.alerts.settings.receivers.victorops import VictoropsSettings
from vedette.alerts.settings.receivers.webex import WebexSettings
from vedette.alerts.settings.receivers.webhook import WebhookSettings
from vedette.alerts.settings.receivers.wechat import WechatSettings


class ReceiverSettings(Part):
    name: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    discord_configs: list[DiscordSettings] = Field(default_factory=list)
    email_configs: list[EmailSettings] = Field(default_factory=list)
    incidentio_configs: list[IncidentioSettings] = Field(default_factory=list)
    jira_configs: list[JiraSettings] = Field(default_factory=list)
    mattermost_configs: list[MattermostSettings] = Field(default_factory=list)
    msteams_configs: list[MsteamsSettings] = Field(default_factory=list)
    msteamsv2_configs: list[Msteamsv2Settings] = Field(default_factory=list)
    opsgenie_configs: list[OpsgenieSettings] = Field(default_factory=list)
    pagerduty_configs: list[PagerdutySettings] = Field(default_factory=list)
    pushover_configs: list[PushoverSettings] = Field(default_factory=list)
    rocketchat_configs: list[RocketchatSettings] = Field(default_factory=list)
    slack_configs: list[SlackSettings] = Field(default_factory=list)
    sns_configs: list[SnsSettings] = Field(default_factory=list)
    telegram_configs: list[TelegramSettings] = Field(default_factory=list)
    victorops_configs: list[VictoropsSettings] = Field(default_factory=list)
    webex_configs: list[WebexSettings] = Field(default_factory=list)
    webhook_configs: list[WebhookSettings] = Field(default_factory=list)
    wechat_configs: list[WechatSettings] = Field(default_factory=list)

    def entries(self) -> Iterator[tuple[str, int, ReceiverEntry]]:
        """(list's key, place in the list, entry), in the order in which the original numbers them."""
        for key in _LISTS:
            for at, entry in enumerate(getattr(self, key)):
                yield key, at, entry


_LISTS = tuple(name for name in ReceiverSettings.model_fields if name.endswith("_configs"))
