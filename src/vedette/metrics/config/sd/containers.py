"""Discovery from container hosts and schedulers."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings
from vedette.config.model import Duration
from vedette.metrics.config.section import Section
from vedette.model.labels import quote
from vedette.model.time import SECOND


class NameFilter(Section):
    name: str = ""
    values: tuple[str, ...] = ()


class DockerSd(Section, HttpSettings):
    host: str = Field(default="", validate_default=True)
    port: int = 80
    filters: tuple[NameFilter, ...] = ()
    host_networking_host: str = "localhost"
    match_first_network: bool = True
    refresh_interval: Duration = 60 * SECOND

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        return _host(value)


class DockerSwarmSd(Section, HttpSettings):
    host: str = Field(default="", validate_default=True)
    role: str = Field(default="", validate_default=True)
    port: int = 80
    filters: tuple[NameFilter, ...] = ()
    refresh_interval: Duration = 60 * SECOND

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        return _host(value)

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        if value not in ("services", "tasks", "nodes"):
            raise ValueError(f"invalid role {quote(value)}, expected tasks, services, or nodes")
        return value


def _host(value: str) -> str:
    if not value:
        raise ValueError("host missing; for example unix:///var/run/docker.sock")
    return value


class NomadSd(Section, HttpSettings):
    allow_stale: bool = True
    namespace: str = "default"
    refresh_interval: Duration = 60 * SECOND
    region: str = "global"
    server: str = "http://localhost:4646"
    tag_separator: str = ","

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.server.strip():
            raise ValueError("nomad SD configuration requires a server address")
        return self
