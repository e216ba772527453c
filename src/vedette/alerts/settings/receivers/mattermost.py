"""``mattermost_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Part, SecretUrl, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry


class MattermostField(Part):
    title: str = ""
    value: str = ""
    short: bool | None = None


class MattermostProps(Part):
    card: str = ""


class MattermostPriority(Part):
    priority: str = ""
    requested_ack: bool = False
    persistent_notifications: bool = False


class MattermostAttachment(Part):
    fallback: str = ""
    color: str = ""
    pretext: str = ""
    text: str = ""
    author_name: str = ""
    author_link: str = ""
    author_icon: str = ""
    title: str = ""
    title_link: str = ""
    fields: list[MattermostField] = Field(default_factory=list)
    thumb_url: str = ""
    footer: str = ""
    footer_icon: str = ""
    image_url: str = ""


class MattermostSettings(HttpEntry):
    kind: ClassVar[str] = "mattermost"
    webhook_url: SecretUrl = NO_SECRET
    webhook_url_file: str = ""
    channel: str = ""
    username: str = '{{ template "mattermost.default.username" . }}'
    icon_url: str = ""
    icon_emoji: str = ""
    fallback: str = '{{ template "mattermost.default.fallback" . }}'
    color: str = '{{ template "mattermost.default.color" . }}'
    pretext: str = ""
    author_name: str = ""
    author_link: str = ""
    author_icon: str = ""
    title: str = '{{ template "mattermost.default.title" . }}'
    title_link: str = '{{ template "mattermost.default.titlelink" . }}'
    text: str = '{{ template "mattermost.default.text" . }}'
    fields: list[MattermostField] = Field(default_factory=list)
    thumb_url: str = ""
    footer: str = ""
    footer_icon: str = ""
    image_url: str = ""
    attachments: list[MattermostAttachment] = Field(default_factory=list)
    props: MattermostProps | None = None
    priority: MattermostPriority | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(webhook_url=self.webhook_url, webhook_url_file=self.webhook_url_file)
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = super().with_defaults(general)
        if entry.webhook_url or entry.webhook_url_file:
            return entry
        if not general.mattermost_webhook_url and not general.mattermost_webhook_url_file:
            raise ValueError(
                "no global Mattermost Webhook URL set either inline or in a file; add webhook_url, or"
                " global.mattermost_webhook_url"
            )
        return entry.model_copy(
            update={
                "webhook_url": general.mattermost_webhook_url,
                "webhook_url_file": general.mattermost_webhook_url_file,
            }
        )
