"""``webhook_configs``"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import Duration, HookUrl, at_most_one
from vedette.alerts.settings.receivers.base import HttpEntry


class WebhookSettings(HttpEntry):
    kind: ClassVar[str] = "webhook"
    url: HookUrl = ""
    url_file: str = ""
    max_alerts: int = 0
    timeout: Duration = 0
    payload: Any = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(url=self.url, url_file=self.url_file)
        if not self.url and not self.url_file:
            raise ValueError("one of url or url_file must be configured; add url")
        return self
