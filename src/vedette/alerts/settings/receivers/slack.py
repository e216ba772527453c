"""``slack_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Duration, Part, SecretUrl, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class SlackConfirmation(Part):
    text: str = Field(min_length=1)
    title: str = ""
    ok_text: str = ""
    dismiss_text: str = ""


class SlackAction(Part):
    type: str = Field(min_length=1)
    text: str = Field(min_length=1)
    url: str = ""
    style: str = ""
    name: str = ""
    value: str = ""
    confirm: SlackConfirmation | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.url and not self.name:
            raise ValueError("missing name or url in Slack action configuration; add one")
        return self


class SlackField(Part):
    title: str = Field(min_length=1)
    value: str = Field(min_length=1)
    short: bool | None = None


class SlackSettings(HttpEntry):
    kind: ClassVar[str] = "slack"
    send_resolved: bool = False
    api_url: SecretUrl = NO_SECRET
    api_url_file: str = ""
    app_token: Secret = NO_SECRET
    app_token_file: str = ""
    app_url: str = ""
    channel: str = ""
    username: str = '{{ template "slack.default.username" . }}'
    color: str = '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'
    title: str = '{{ template "slack.default.title" . }}'
    title_link: str = '{{ template "slack.default.titlelink" . }}'
    pretext: str = '{{ template "slack.default.pretext" . }}'
    text: str = '{{ template "slack.default.text" . }}'
    message_text: str = ""
    fields: list[SlackField] = Field(default_factory=list)
    short_fields: bool = False
    footer: str = '{{ template "slack.default.footer" . }}'
    fallback: str = '{{ template "slack.default.fallback" . }}'
    callback_id: str = '{{ template "slack.default.callbackid" . }}'
    icon_emoji: str = '{{ template "slack.default.iconemoji" . }}'
    icon_url: str = '{{ template "slack.default.iconurl" . }}'
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False
    mrkdwn_in: list[str] = Field(default_factory=lambda: ["fallback", "pretext", "text"])
    actions: list[SlackAction] = Field(default_factory=list)
    timeout: Duration = 0
    update_message: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(api_url=self.api_url, api_url_file=self.api_url_file)
        at_most_one(app_token=self.app_token, app_token_file=self.app_token_file)
        if (self.api_url or self.api_url_file) and (self.app_token or self.app_token_file):
            raise ValueError(
                "at most one of api_url/api_url_file & app_token/app_token_file must be configured"
            )
        if self.update_message and (self.api_url or self.api_url_file):
            raise ValueError("update_message cannot be used with webhook URLs; configure app_token instead")
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = super().with_defaults(general)
        if entry.app_token or entry.app_token_file or entry.api_url or entry.api_url_file:
            return entry.model_copy(update={"app_url": entry.app_url or general.slack_app_url})
        token, token_file = general.slack_app_token, general.slack_app_token_file
        url, url_file = general.slack_api_url, general.slack_api_url_file
        if not (url or url_file or token or token_file):
            raise ValueError(
                "no global Slack API URL set either inline or in a file; add api_url, or global.slack_api_url"
            )
        own_bot = self.http_config is not None and self.http_config.authorization is not None
        if (token or token_file) and not (own_bot and (url or url_file)):
            app_url = entry.app_url or general.slack_app_url
            return entry.model_copy(
                update={"app_token": token, "app_token_file": token_file, "app_url": app_url}
            )
        if entry.update_message:
            raise ValueError("update_message cannot be used with webhook URLs; configure app_token instead")
        return entry.model_copy(update={"api_url": url, "api_url_file": url_file})
