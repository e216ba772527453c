"""``global``: what receivers fall back to."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Duration, Part, SecretUrl, Url, at_most_one
from vedette.client import HttpConfig, TlsConfig
from vedette.config.model import Secret

_TWINS = (
    ("smtp_auth_password", "smtp_auth_password_file"),
    ("smtp_auth_secret", "smtp_auth_secret_file"),
    ("slack_api_url", "slack_api_url_file"),
    ("slack_app_token", "slack_app_token_file"),
    ("opsgenie_api_key", "opsgenie_api_key_file"),
    ("victorops_api_key", "victorops_api_key_file"),
    ("telegram_bot_token", "telegram_bot_token_file"),
    ("wechat_api_secret", "wechat_api_secret_file"),
    ("rocketchat_token", "rocketchat_token_file"),
    ("rocketchat_token_id", "rocketchat_token_id_file"),
    ("mattermost_webhook_url", "mattermost_webhook_url_file"),
)


class GlobalSettings(Part):
    resolve_timeout: Duration = 300_000
    http_config: HttpConfig = Field(default_factory=HttpConfig)
    smtp_from: str = ""
    smtp_hello: str = "localhost"
    smtp_smarthost: str = ""
    smtp_auth_username: str = ""
    smtp_auth_password: Secret = NO_SECRET
    smtp_auth_password_file: str = ""
    smtp_auth_secret: Secret = NO_SECRET
    smtp_auth_secret_file: str = ""
    smtp_auth_identity: str = ""
    smtp_require_tls: bool = True
    smtp_force_implicit_tls: bool | None = None
    smtp_tls_config: TlsConfig | None = None
    slack_api_url: SecretUrl = NO_SECRET
    slack_api_url_file: str = ""
    slack_app_token: Secret = NO_SECRET
    slack_app_token_file: str = ""
    slack_app_url: Url = "https://slack.com/api/chat.postMessage"
    pagerduty_url: Url = "https://events.pagerduty.com/v2/enqueue"
    opsgenie_api_url: Url = "https://api.opsgenie.com/"
    opsgenie_api_key: Secret = NO_SECRET
    opsgenie_api_key_file: str = ""
    victorops_api_url: Url = "https://alert.victorops.com/integrations/generic/20131114/alert/"
    victorops_api_key: Secret = NO_SECRET
    victorops_api_key_file: str = ""
    telegram_api_url: Url = "https://api.telegram.org"
    telegram_bot_token: Secret = NO_SECRET
    telegram_bot_token_file: str = ""
    webex_api_url: Url = "https://webexapis.com/v1/messages"
    wechat_api_url: Url = "https://qyapi.weixin.qq.com/cgi-bin/"
    wechat_api_secret: Secret = NO_SECRET
    wechat_api_secret_file: str = ""
    wechat_api_corp_id: str = ""
    rocketchat_api_url: Url = "https://open.rocket.chat/"
    rocketchat_token: Secret = NO_SECRET
    rocketchat_token_file: str = ""
    rocketchat_token_id: Secret = NO_SECRET
    rocketchat_token_id_file: str = ""
    mattermost_webhook_url: SecretUrl = NO_SECRET
    mattermost_webhook_url_file: str = ""
    jira_api_url: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for first, second in _TWINS:
            at_most_one(**{first: getattr(self, first), second: getattr(self, second)})
        # The API's own address as webhook is how bots were configured before app_token; both may stand together.
        webhook = self.slack_api_url_file or self.slack_api_url.reveal() not in (
            "",
            "<secret>",
            self.slack_app_url,
        )
        if webhook and (self.slack_app_token or self.slack_app_token_file):
            raise ValueError(
                "at most one of slack_api_url/slack_api_url_file & slack_app_token/slack_app_token_file must be"
                " configured; remove one"
            )
        return self
