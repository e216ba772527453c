"""``telegram_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import NO_SECRET, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class TelegramSettings(HttpEntry):
    kind: ClassVar[str] = "telegram"
    api_url: str = ""
    bot_token: Secret = NO_SECRET
    bot_token_file: str = ""
    chat_id: int = 0
    chat_id_file: str = ""
    message_thread_id: int = 0
    message: str = '{{ template "telegram.default.message" . }}'
    disable_notifications: bool = False
    parse_mode: str = "HTML"

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(bot_token=self.bot_token, bot_token_file=self.bot_token_file)
        at_most_one(chat_id=self.chat_id, chat_id_file=self.chat_id_file)
        if not self.chat_id and not self.chat_id_file:
            raise ValueError("missing chat_id on telegram_config; add chat_id")
        if self.parse_mode not in ("", "Markdown", "MarkdownV2", "HTML"):
            raise ValueError(
                f'unknown parse_mode "{self.parse_mode}" on telegram_config; one of: MarkdownV2, Markdown, HTML or empty'
            )
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = (
            super()
            .with_defaults(general)
            .model_copy(update={"api_url": self.api_url or general.telegram_api_url})
        )
        if entry.bot_token or entry.bot_token_file:
            return entry
        if not general.telegram_bot_token and not general.telegram_bot_token_file:
            raise ValueError("missing bot_token or bot_token_file on telegram_config; add bot_token")
        return entry.model_copy(
            update={
                "bot_token": general.telegram_bot_token,
                "bot_token_file": general.telegram_bot_token_file,
            }
        )
