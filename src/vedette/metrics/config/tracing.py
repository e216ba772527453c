"""``tracing:``: where the role sends traces of its own work."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from vedette.client.config import TlsConfig
from vedette.config.model import Duration
from vedette.metrics.config.section import Section, forbid_headers
from vedette.model.labels import quote


class TracingConfig(Section):
    client_type: str = "grpc"
    endpoint: str = Field(default="", validate_default=True)
    sampling_fraction: float = 0.0
    insecure: bool = False
    tls_config: TlsConfig | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    compression: str = ""
    timeout: Duration = 0

    @field_validator("client_type")
    @classmethod
    def _client_type(cls, value: str) -> str:
        if value not in ("http", "grpc"):
            raise ValueError(f"expected tracing client type to be http or grpc, but got {quote(value)}")
        return value

    @field_validator("endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if not value:
            raise ValueError("tracing endpoint must be set")
        return value

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        forbid_headers(value, "custom authorization header configuration is not yet supported")
        return value

    @field_validator("compression")
    @classmethod
    def _compression(cls, value: str) -> str:
        if value not in ("", "gzip"):
            raise ValueError(f"invalid compression type {value} provided, valid options: gzip")
        return value
