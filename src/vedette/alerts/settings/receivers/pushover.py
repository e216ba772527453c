"""``pushover_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import NO_SECRET, Duration, at_most_one
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class PushoverSettings(HttpEntry):
    kind: ClassVar[str] = "pushover"
    user_key: Secret = NO_SECRET
    user_key_file: str = ""
    token: Secret = NO_SECRET
    token_file: str = ""
    title: str = '{{ template "pushover.default.title" . }}'
    message: str = '{{ template "pushover.default.message" . }}'
    url: str = '{{ template "pushover.default.url" . }}'
    url_title: str = ""
    device: str = ""
    sound: str = ""
    priority: str = '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'
    retry: Duration = 60_000
    expire: Duration = 3_600_000
    ttl: Duration = 0
    html: bool = False
    monospace: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(user_key=self.user_key, user_key_file=self.user_key_file)
        at_most_one(token=self.token, token_file=self.token_file)
        if not self.user_key and not self.user_key_file:
            raise ValueError("one of user_key or user_key_file must be configured; add user_key")
        if not self.token and not self.token_file:
            raise ValueError("one of token or token_file must be configured; add token")
        if self.html and self.monospace:
            raise ValueError("at most one of monospace & html must be configured; remove one")
        return self
