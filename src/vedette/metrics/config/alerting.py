"""``alerting:``: where alerts go, and what is rewritten on their way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import PrivateAttr, field_validator, model_validator

from vedette.client.config import HttpSettings
from vedette.config.model import Duration, Secret
from vedette.metrics.config.sd import Discovery
from vedette.metrics.config.section import (
    AlertmanagerAlertRules,
    AlertmanagerTargetRules,
    AlertRules,
    Scheme,
    Section,
    not_null,
)
from vedette.model.labels import quote
from vedette.model.time import SECOND


class SigV4Config(Section):
    region: str = ""
    access_key: str = ""
    secret_key: Secret = Secret("")
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    use_fips_sts_endpoint: bool = False
    service_name: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.access_key) != bool(self.secret_key):
            raise ValueError(
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config"
            )
        return self


class AlertmanagerConfig(Section, Discovery, HttpSettings):
    """A group of Alertmanagers. `timeout` is milliseconds."""

    sigv4: SigV4Config | None = None
    scheme: Scheme = "http"
    path_prefix: str = ""
    timeout: Duration = 10 * SECOND
    api_version: str = "v2"
    relabel_configs: AlertmanagerTargetRules = ()
    alert_relabel_configs: AlertmanagerAlertRules = ()

    _base_dir: Path = PrivateAttr(default=Path())

    @property
    def base_dir(self) -> Path:
        return self._base_dir

    @field_validator("api_version")
    @classmethod
    def _version(cls, value: str) -> str:
        if value != "v2":
            raise ValueError(f"expected Alertmanager api version to be one of [v2] but got {quote(value)}")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sigv4 is not None and (self.basic_auth or self.authorization or self.oauth2):
            raise ValueError(
                "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured; remove one"
            )
        return self

    def located(self, base_dir: Path) -> Self:
        """The same group with paths that start at `base_dir`."""
        files = tuple(sd.resolved(base_dir) for sd in self.file_sd_configs)
        made = self.model_copy(update={"file_sd_configs": files})
        made._base_dir = base_dir
        return made


class AlertingConfig(Section):
    alert_relabel_configs: AlertRules = ()
    alertmanagers: tuple[
        Annotated[AlertmanagerConfig, not_null("empty or null Alertmanager config section")], ...
    ] = ()
