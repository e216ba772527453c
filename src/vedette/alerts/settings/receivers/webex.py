"""``webex_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry


class WebexSettings(HttpEntry):
    kind: ClassVar[str] = "webex"
    api_url: str = ""
    room_id: str = ""
    message: str = '{{ template "webex.default.message" . }}'

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.room_id:
            raise ValueError("missing room_id on webex_config; add room_id")
        if self.http_config is None or self.http_config.authorization is None:
            raise ValueError("missing webex_configs.http_config.authorization; add it")
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        return (
            super()
            .with_defaults(general)
            .model_copy(update={"api_url": self.api_url or general.webex_api_url})
        )
