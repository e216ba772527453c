"""Discovery from Amazon's services."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings
from vedette.config.model import Duration, Secret
from vedette.metrics.config.sd.containers import NameFilter
from vedette.metrics.config.section import Section
from vedette.model.labels import quote
from vedette.model.time import SECOND


class LightsailSd(Section, HttpSettings):
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: Secret = Secret("")
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    refresh_interval: Duration = 60 * SECOND
    port: int = 80


class Ec2Sd(LightsailSd):
    filters: tuple[NameFilter, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(not f.values for f in self.filters):
            raise ValueError("EC2 SD configuration filter values cannot be empty")
        return self


class AwsSd(Ec2Sd):
    """All of Amazon's kinds behind one key, chosen by `role`."""

    role: str = Field(default="", validate_default=True)
    clusters: tuple[str, ...] = ()
    request_concurrency: int = 20

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        roles = ("ec2", "ecs", "elasticache", "lightsail", "msk", "rds")
        if value not in roles:
            raise ValueError(f"unknown AWS SD role {quote(value)}; one of: {', '.join(roles)}")
        return value
