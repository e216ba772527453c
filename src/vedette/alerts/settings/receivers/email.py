"""``email_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Part, at_most_one
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import ReceiverEntry
from vedette.client import TlsConfig
from vedette.config.model import Secret


class EmailThreading(Part):
    enabled: bool = False
    thread_by_date: str = "daily"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.thread_by_date not in ("daily", "none"):
            raise ValueError(f'invalid threading.thread_by_date "{self.thread_by_date}"; one of: daily, none')
        return self


class EmailSettings(ReceiverEntry):
    kind: ClassVar[str] = "email"
    send_resolved: bool = False
    to: str = ""
    from_: str = Field(default="", alias="from")
    hello: str = ""
    smarthost: str = ""
    auth_username: str = ""
    auth_password: Secret = NO_SECRET
    auth_password_file: str = ""
    auth_secret: Secret = NO_SECRET
    auth_secret_file: str = ""
    auth_identity: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    html: str = '{{ template "email.default.html" . }}'
    text: str = ""
    require_tls: bool | None = None
    force_implicit_tls: bool | None = None
    tls_config: TlsConfig | None = None
    threading: EmailThreading = Field(default_factory=EmailThreading)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.to:
            raise ValueError("missing to address in email config; add to")
        at_most_one(auth_password=self.auth_password, auth_password_file=self.auth_password_file)
        at_most_one(auth_secret=self.auth_secret, auth_secret_file=self.auth_secret_file)
        seen: set[str] = set()
        for name in self.headers:
            if name.title() in seen:
                raise ValueError(f'duplicate header "{name.title()}" in email config; keep one')
            seen.add(name.title())
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        smarthost = self.smarthost or general.smtp_smarthost
        sender = self.from_ or general.smtp_from
        if not smarthost:
            raise ValueError("no global SMTP smarthost set; add smarthost, or global.smtp_smarthost")
        host, _, port = smarthost.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"address {smarthost}: missing port in address; write host:port")
        if not sender:
            raise ValueError("no global SMTP from set; add from, or global.smtp_from")
        own_password = self.auth_password or self.auth_password_file
        own_secret = self.auth_secret or self.auth_secret_file
        implicit = (
            general.smtp_force_implicit_tls if self.force_implicit_tls is None else self.force_implicit_tls
        )
        return self.model_copy(
            update={
                "smarthost": smarthost,
                "from_": sender,
                "hello": self.hello or general.smtp_hello,
                "auth_username": self.auth_username or general.smtp_auth_username,
                "auth_password": self.auth_password if own_password else general.smtp_auth_password,
                "auth_password_file": self.auth_password_file
                if own_password
                else general.smtp_auth_password_file,
                "auth_secret": self.auth_secret if own_secret else general.smtp_auth_secret,
                "auth_secret_file": self.auth_secret_file if own_secret else general.smtp_auth_secret_file,
                "auth_identity": self.auth_identity or general.smtp_auth_identity,
                "require_tls": general.smtp_require_tls if self.require_tls is None else self.require_tls,
                "force_implicit_tls": implicit,
                "tls_config": self.tls_config or general.smtp_tls_config,
            }
        )
