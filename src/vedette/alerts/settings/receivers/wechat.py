"""``wechat_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from vedette.alerts.settings.common import NO_SECRET, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class WechatSettings(HttpEntry):
    kind: ClassVar[str] = "wechat"
    send_resolved: bool = False
    api_secret: Secret = NO_SECRET
    api_secret_file: str = ""
    api_url: str = ""
    corp_id: str = ""
    agent_id: str = '{{ template "wechat.default.agent_id" . }}'
    to_user: str = '{{ template "wechat.default.to_user" . }}'
    to_party: str = '{{ template "wechat.default.to_party" . }}'
    to_tag: str = '{{ template "wechat.default.to_tag" . }}'
    message: str = '{{ template "wechat.default.message" . }}'
    message_type: str = "text"

    @model_validator(mode="after")
    def _check(self) -> Self:
        at_most_one(api_secret=self.api_secret, api_secret_file=self.api_secret_file)
        if self.message_type not in ("text", "markdown"):
            raise ValueError(
                f'weChat message type "{self.message_type}" does not match valid options; text or markdown'
            )
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = (
            super()
            .with_defaults(general)
            .model_copy(
                update={
                    "api_url": self.api_url or general.wechat_api_url,
                    "corp_id": self.corp_id or general.wechat_api_corp_id,
                }
            )
        )
        if not entry.api_secret and not entry.api_secret_file:
            if not general.wechat_api_secret and not general.wechat_api_secret_file:
                raise ValueError("no global Wechat Api Secret set either inline or in a file; add api_secret")
            entry = entry.model_copy(
                update={
                    "api_secret": general.wechat_api_secret,
                    "api_secret_file": general.wechat_api_secret_file,
                }
            )
        if not entry.corp_id:
            raise ValueError("no global Wechat CorpID set; add corp_id, or global.wechat_api_corp_id")
        return entry
