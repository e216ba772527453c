"""``pagerduty_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Duration, Part, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret

DEFAULT_DETAILS = {
    "firing": "{{ .Alerts.Firing | toJson }}",
    "resolved": "{{ .Alerts.Resolved | toJson }}",
    "num_firing": "{{ .Alerts.Firing | len }}",
    "num_resolved": "{{ .Alerts.Resolved | len }}",
}


class PagerdutyImage(Part):
    src: str = ""
    alt: str = ""
    href: str = ""


class PagerdutyLink(Part):
    href: str = ""
    text: str = ""


class PagerdutySettings(HttpEntry):
    kind: ClassVar[str] = "pagerduty"
    routing_key: Secret = NO_SECRET
    routing_key_file: str = ""
    service_key: Secret = NO_SECRET
    service_key_file: str = ""
    url: str = ""
    client: str = '{{ template "pagerduty.default.client" . }}'
    client_url: str = '{{ template "pagerduty.default.clientURL" . }}'
    description: str = '{{ template "pagerduty.default.description" . }}'
    severity: str = "error"
    source: str = ""
    details: dict[str, str] = Field(default_factory=dict)
    images: list[PagerdutyImage] = Field(default_factory=list)
    links: list[PagerdutyLink] = Field(default_factory=list)
    component: str = ""
    group: str = ""
    class_: str = Field(default="", alias="class")
    timeout: Duration = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(routing_key=self.routing_key, routing_key_file=self.routing_key_file)
        at_most_one(service_key=self.service_key, service_key_file=self.service_key_file)
        keys = (self.routing_key, self.routing_key_file, self.service_key, self.service_key_file)
        if not any(keys):
            raise ValueError("missing service or routing key in PagerDuty config; add routing_key")
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = super().with_defaults(general)
        return entry.model_copy(
            update={
                "url": entry.url or general.pagerduty_url,
                "details": DEFAULT_DETAILS | entry.details,
                "source": entry.source or entry.client,
            }
        )
