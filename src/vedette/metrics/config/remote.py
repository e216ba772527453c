"""``remote_write:`` and ``remote_read:``: endpoints that samples are sent to and read from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from vedette.client.config import HttpSettings, TlsConfig
from vedette.config.model import Duration, Secret
from vedette.metrics.config.alerting import SigV4Config
from vedette.metrics.config.section import Count, Section, WriteRules, forbid_headers
from vedette.model.time import MINUTE, SECOND

WRITE_V1 = "prometheus.WriteRequest"
WRITE_V2 = "io.prometheus.write.v2.Request"


class QueueConfig(Section):
    """How samples wait and are sent. Durations are milliseconds."""

    capacity: int = 10_000
    max_shards: int = 50
    min_shards: int = 1
    max_samples_per_send: int = 2000
    batch_send_deadline: Duration = 5 * SECOND
    min_backoff: Duration = 30
    max_backoff: Duration = 5 * SECOND
    retry_on_http_429: bool = False
    sample_age_limit: Duration = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("capacity", "max_shards", "min_shards", "max_samples_per_send"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"queue_config {name} must be greater than 0; leave the key out for the default"
                )
        if self.min_shards > self.max_shards:
            raise ValueError("queue_config min_shards must not be greater than max_shards")
        if self.min_backoff > self.max_backoff:
            raise ValueError("queue_config min_backoff must not be greater than max_backoff")
        return self


class MetadataConfig(Section):
    send: bool = True
    send_interval: Duration = 1 * MINUTE
    max_samples_per_send: Count = 2000


class AzureIdentity(Section):
    client_id: str = ""


class AzureOAuth(Section):
    client_id: str = ""
    client_secret: Secret = Secret("")
    tenant_id: str = ""


class AzureSdk(Section):
    tenant_id: str = ""


class AzureWorkloadIdentity(Section):
    client_id: str = ""
    tenant_id: str = ""
    token_file_path: str = ""


class AzureAdConfig(Section):
    managed_identity: AzureIdentity | None = None
    workload_identity: AzureWorkloadIdentity | None = None
    oauth: AzureOAuth | None = None
    sdk: AzureSdk | None = None
    cloud: str = "AzurePublic"
    scope: str = ""


class GoogleIamConfig(Section):
    credentials_file: str = ""


class _Endpoint(Section, HttpSettings):
    url: str = Field(default="", validate_default=True)
    headers: Mapping[str, str] = Field(default_factory=dict)
    name: str = ""

    _base_dir: Path = PrivateAttr(default=Path())

    @property
    def base_dir(self) -> Path:
        return self._base_dir

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        forbid_headers(
            value,
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or "
            "google_iam parameter",
        )
        return value

    def located(self, base_dir: Path) -> Self:
        made = self.model_copy()
        made._base_dir = base_dir
        return made


class RemoteWriteConfig(_Endpoint):
    remote_timeout: Duration = 30 * SECOND
    write_relabel_configs: WriteRules = ()
    send_exemplars: bool = False
    send_native_histograms: bool = False
    round_robin_dns: bool = False
    failed_request_logging: bool = False
    protobuf_message: str = WRITE_V1
    enable_http2: bool = False
    queue_config: QueueConfig = Field(default_factory=QueueConfig)
    metadata_config: MetadataConfig = Field(default_factory=MetadataConfig)
    sigv4: SigV4Config | None = None
    azuread: AzureAdConfig | None = None
    google_iam: GoogleIamConfig | None = None

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value:
            raise ValueError("url for remote_write is empty")
        return value

    @field_validator("protobuf_message")
    @classmethod
    def _message(cls, value: str) -> str:
        if value not in (WRITE_V1, WRITE_V2):
            raise ValueError(
                f"invalid protobuf_message value: unknown type for remote write protobuf message {value}, "
                f"supported: {WRITE_V1}, {WRITE_V2}"
            )
        return value

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        ways = ("basic_auth", "authorization", "oauth2", "sigv4", "azuread", "google_iam")
        used = [way for way in ways if getattr(self, way) is not None]
        if len(used) > 1:
            raise ValueError(f"at most one of {', '.join(ways)} must be configured; here: {', '.join(used)}")
        return self


class RemoteReadConfig(_Endpoint):
    remote_timeout: Duration = 1 * MINUTE
    chunked_read_limit: Count = 50_000_000
    read_recent: bool = False
    required_matchers: Mapping[str, str] = Field(default_factory=dict)
    filter_external_labels: bool = True

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value:
            raise ValueError("url for remote_read is empty")
        return value


__all__ = ["MetadataConfig", "QueueConfig", "RemoteReadConfig", "RemoteWriteConfig", "TlsConfig"]
