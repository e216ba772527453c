"""Discovery from service registries and configuration databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings, TlsConfig
from vedette.config.model import Duration, Secret
from vedette.metrics.config.section import Section, http_url
from vedette.model.labels import quote
from vedette.model.time import MINUTE, SECOND


class ConsulSd(Section, HttpSettings):
    server: str = "localhost:8500"
    path_prefix: str = ""
    token: Secret = Secret("")
    datacenter: str = ""
    namespace: str = ""
    partition: str = ""
    tag_separator: str = ","
    scheme: str = "http"
    username: str = ""
    password: Secret = Secret("")
    allow_stale: bool = True
    refresh_interval: Duration = 30 * SECOND
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    node_meta: Mapping[str, str] = Field(default_factory=dict)
    filter: str = ""
    health_filter: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.server.strip():
            raise ValueError("consul SD configuration requires a server address")
        if self.username and self.basic_auth:
            raise ValueError(
                "at most one of consul SD configuration username and password and basic auth can be configured"
            )
        if self.token and (self.authorization or self.oauth2):
            raise ValueError("at most one of consul SD token, authorization, or oauth2 can be configured")
        return self


class EurekaSd(Section, HttpSettings):
    server: str = Field(default="", validate_default=True)
    refresh_interval: Duration = 30 * SECOND

    @field_validator("server")
    @classmethod
    def _server(cls, value: str) -> str:
        return http_url(value, "eureka SD server URL")


class KumaSd(Section, HttpSettings):
    server: str = Field(default="", validate_default=True)
    client_id: str = ""
    refresh_interval: Duration = 15 * SECOND
    fetch_timeout: Duration = 2 * MINUTE

    @field_validator("server")
    @classmethod
    def _server(cls, value: str) -> str:
        return http_url(value, "kuma SD server URL")


class MarathonSd(Section, HttpSettings):
    servers: tuple[str, ...] = ()
    refresh_interval: Duration = 30 * SECOND
    auth_token: Secret = Secret("")
    auth_token_file: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.servers:
            raise ValueError("marathon_sd: must contain at least one Marathon server")
        if self.auth_token and self.auth_token_file:
            raise ValueError("marathon_sd: at most one of auth_token & auth_token_file must be configured")
        if self.auth_token or self.auth_token_file:
            others = ("basic_auth", "bearer_token", "bearer_token_file", "authorization")
            clash = [name for name in others if getattr(self, name)]
            if clash:
                raise ValueError(
                    f"marathon_sd: at most one of {clash[0]}, auth_token & auth_token_file must be configured"
                )
        return self


class _ZookeeperSd(Section):
    servers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    timeout: Duration = 10 * SECOND

    @model_validator(mode="after")
    def _check(self) -> Self:
        kind = type(self).__name__.removesuffix("Sd").lower()
        if not self.servers:
            raise ValueError(f"{kind} SD config must contain at least one Zookeeper server")
        if not self.paths:
            raise ValueError(f"{kind} SD config must contain at least one path")
        for path in self.paths:
            if not path.startswith("/"):
                raise ValueError(f"{kind} SD config paths must begin with '/': {path}")
        return self


class NerveSd(_ZookeeperSd):
    pass


class ServersetSd(_ZookeeperSd):
    pass


class PuppetDbSd(Section, HttpSettings):
    url: str = Field(default="", validate_default=True)
    query: str = Field(default="", validate_default=True)
    include_parameters: bool = False
    refresh_interval: Duration = 60 * SECOND
    port: int = 80

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return http_url(value, "URL")

    @field_validator("query")
    @classmethod
    def _query(cls, value: str) -> str:
        if not value:
            raise ValueError("query missing")
        return value


class UyuniSd(Section, HttpSettings):
    server: str = Field(default="", validate_default=True)
    username: str = Field(default="", validate_default=True)
    password: Secret = Field(default=Secret(""), validate_default=True)
    entitlement: str = "monitoring_entitled"
    separator: str = ","
    refresh_interval: Duration = 60 * SECOND

    @field_validator("server", "username", "password")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("Uyuni SD configuration requires server, username and password")
        return value


class TritonSd(Section):
    account: str = Field(default="", validate_default=True)
    dns_suffix: str = Field(default="", validate_default=True)
    endpoint: str = Field(default="", validate_default=True)
    groups: tuple[str, ...] = ()
    port: int = 9163
    role: str = "container"
    refresh_interval: Duration = 60 * SECOND
    tls_config: TlsConfig | None = None
    version: int = 1

    @field_validator("account", "dns_suffix", "endpoint")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("triton SD configuration requires an account, a dns_suffix and an endpoint")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.role not in ("container", "cn"):
            raise ValueError(
                f"triton SD configuration requires role to be 'container' or 'cn', not {quote(self.role)}"
            )
        if self.refresh_interval <= 0:
            raise ValueError("triton SD configuration requires RefreshInterval to be a positive integer")
        return self
