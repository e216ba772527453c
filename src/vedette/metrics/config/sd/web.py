"""Discovery by asking the network: HTTP lists and DNS."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings
from vedette.config.model import Duration
from vedette.metrics.config.section import Section, http_url
from vedette.model.labels import quote
from vedette.model.time import SECOND


class HttpSd(Section, HttpSettings):
    url: str = Field(default="", validate_default=True)
    refresh_interval: Duration = 60 * SECOND

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return http_url(value, "URL")


class DnsSd(Section):
    names: tuple[str, ...] = ()
    type: str = "SRV"
    port: int = 0
    refresh_interval: Duration = 30 * SECOND

    @model_validator(mode="after")
    def _check(self) -> Self:
        kind = self.type.upper()
        if not self.names:
            raise ValueError("DNS-SD config must contain at least one SRV record name")
        if kind not in ("SRV", "A", "AAAA", "MX", "NS"):
            raise ValueError(f"invalid DNS-SD records type {quote(self.type)}; one of: SRV, A, AAAA, MX, NS")
        if kind != "SRV" and not self.port:
            raise ValueError("a port is required in DNS-SD configs for all record types except SRV")
        return self
