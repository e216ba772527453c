"""``discord_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import NO_SECRET, SecretUrl, at_most_one
from vedette.alerts.settings.receivers.base import HttpEntry


class DiscordSettings(HttpEntry):
    kind: ClassVar[str] = "discord"
    webhook_url: SecretUrl = NO_SECRET
    webhook_url_file: str = ""
    title: str = '{{ template "discord.default.title" . }}'
    message: str = '{{ template "discord.default.message" . }}'
    content: str = ""
    username: str = ""
    avatar_url: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(webhook_url=self.webhook_url, webhook_url_file=self.webhook_url_file)
        if not self.webhook_url and not self.webhook_url_file:
            raise ValueError("one of webhook_url or webhook_url_file must be configured; add webhook_url")
        return self
