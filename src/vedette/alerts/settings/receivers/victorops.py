"""``victorops_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret

_RESERVED = (
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
)


class VictoropsSettings(HttpEntry):
    kind: ClassVar[str] = "victorops"
    api_key: Secret = NO_SECRET
    api_key_file: str = ""
    api_url: str = ""
    routing_key: str = ""
    message_type: str = "CRITICAL"
    state_message: str = '{{ template "victorops.default.state_message" . }}'
    entity_display_name: str = '{{ template "victorops.default.entity_display_name" . }}'
    monitoring_tool: str = '{{ template "victorops.default.monitoring_tool" . }}'
    custom_fields: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(api_key=self.api_key, api_key_file=self.api_key_file)
        if not self.routing_key:
            raise ValueError("missing Routing key in VictorOps config; add routing_key")
        for name in self.custom_fields:
            if name in _RESERVED:
                raise ValueError(
                    f"victorOps config contains custom field {name} which cannot be used as it conflicts with the"
                    " fixed/static fields; rename it"
                )
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = (
            super()
            .with_defaults(general)
            .model_copy(update={"api_url": self.api_url or general.victorops_api_url})
        )
        if entry.api_key or entry.api_key_file:
            return entry
        if not general.victorops_api_key and not general.victorops_api_key_file:
            raise ValueError("no global VictorOps API Key set; add api_key, or global.victorops_api_key")
        return entry.model_copy(
            update={"api_key": general.victorops_api_key, "api_key_file": general.victorops_api_key_file}
        )
