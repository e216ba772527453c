"""``incidentio_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import NO_SECRET, Duration, Url, at_most_one
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class IncidentioSettings(HttpEntry):
    kind: ClassVar[str] = "incidentio"
    url: Url = ""
    url_file: str = ""
    alert_source_token: Secret = NO_SECRET
    alert_source_token_file: str = ""
    max_alerts: int = 0
    timeout: Duration = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(url=self.url, url_file=self.url_file)
        if not self.url and not self.url_file:
            raise ValueError("one of url or url_file must be configured; add url")
        at_most_one(
            alert_source_token=self.alert_source_token, alert_source_token_file=self.alert_source_token_file
        )
        http = self.http_config
        if not (self.alert_source_token or self.alert_source_token_file) and (
            http is None or http.authorization is None
        ):
            raise ValueError(
                "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be"
                " configured; add alert_source_token"
            )
        return self
