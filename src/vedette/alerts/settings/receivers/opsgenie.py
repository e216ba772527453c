"""``opsgenie_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Part, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class OpsgenieResponder(Part):
    id: str = ""
    name: str = ""
    username: str = ""
    type: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.id or self.name or self.username):
            raise ValueError(
                "opsgenie_config responder has to have at least one of id, username or name specified"
            )
        known = ("team", "teams", "user", "escalation", "schedule")
        if "{{" not in self.type and self.type.lower() not in known:
            raise ValueError(
                f'opsgenie_config responder type "{self.type}" is not known; one of: {", ".join(known)}'
            )
        return self


class OpsgenieSettings(HttpEntry):
    kind: ClassVar[str] = "opsgenie"
    api_key: Secret = NO_SECRET
    api_key_file: str = ""
    api_url: str = ""
    message: str = '{{ template "opsgenie.default.message" . }}'
    description: str = '{{ template "opsgenie.default.description" . }}'
    source: str = '{{ template "opsgenie.default.source" . }}'
    details: dict[str, str] = Field(default_factory=dict)
    responders: list[OpsgenieResponder] = Field(default_factory=list)
    tags: str = ""
    note: str = ""
    priority: str = ""
    update_alerts: bool = False
    entity: str = ""
    actions: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(api_key=self.api_key, api_key_file=self.api_key_file)
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = (
            super()
            .with_defaults(general)
            .model_copy(update={"api_url": self.api_url or general.opsgenie_api_url})
        )
        if entry.api_key or entry.api_key_file:
            return entry
        if not general.opsgenie_api_key and not general.opsgenie_api_key_file:
            raise ValueError(
                "no global OpsGenie API Key set either inline or in a file; add api_key, or global.opsgenie_api_key"
            )
        return entry.model_copy(
            update={"api_key": general.opsgenie_api_key, "api_key_file": general.opsgenie_api_key_file}
        )
