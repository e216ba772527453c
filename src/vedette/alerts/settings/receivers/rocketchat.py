"""``rocketchat_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Part, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class RocketchatField(Part):
    title: str = ""
    value: str = ""
    short: bool | None = None


class RocketchatAction(Part):
    type: str = ""
    text: str = ""
    url: str = ""
    msg: str = ""


class RocketchatSettings(HttpEntry):
    kind: ClassVar[str] = "rocketchat"
    send_resolved: bool = False
    api_url: str = ""
    channel: str = ""
    token: Secret = NO_SECRET
    token_file: str = ""
    token_id: Secret = NO_SECRET
    token_id_file: str = ""
    color: str = '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'
    emoji: str = '{{ template "rocketchat.default.emoji" . }}'
    icon_url: str = '{{ template "rocketchat.default.iconurl" . }}'
    text: str = '{{ template "rocketchat.default.text" . }}'
    title: str = '{{ template "rocketchat.default.title" . }}'
    title_link: str = '{{ template "rocketchat.default.titlelink" . }}'
    fields: list[RocketchatField] = Field(default_factory=list)
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False
    short_fields: bool = False
    actions: list[RocketchatAction] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(token=self.token, token_file=self.token_file)
        at_most_one(token_id=self.token_id, token_id_file=self.token_id_file)
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = super().with_defaults(general)
        update: dict[str, object] = {"api_url": entry.api_url or general.rocketchat_api_url}
        if not entry.token and not entry.token_file:
            if not general.rocketchat_token and not general.rocketchat_token_file:
                raise ValueError("no global Rocketchat Token set either inline or in a file; add token")
            update |= {"token": general.rocketchat_token, "token_file": general.rocketchat_token_file}
        if not entry.token_id and not entry.token_id_file:
            if not general.rocketchat_token_id and not general.rocketchat_token_id_file:
                raise ValueError("no global Rocketchat TokenID set either inline or in a file; add token_id")
            update |= {
                "token_id": general.rocketchat_token_id,
                "token_id_file": general.rocketchat_token_id_file,
            }
        return entry.model_copy(update=update)
