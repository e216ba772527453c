"""Discovery from clouds other than Amazon's."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings, TlsConfig
from vedette.config.model import Duration, Secret
from vedette.metrics.config.section import Section
from vedette.model.labels import quote
from vedette.model.time import MINUTE, SECOND


class _Cloud(Section, HttpSettings):
    refresh_interval: Duration = 60 * SECOND
    port: int = 80


def _one_of(value: str, what: str, *known: str) -> str:
    if value not in known:
        raise ValueError(f"unknown {what} {quote(value)}; one of: {', '.join(known)}")
    return value


def _one_secret(kind: str, secret: Secret, secret_file: str) -> None:
    if not secret and not secret_file:
        raise ValueError(f"{kind} SD configuration requires one of secret_key & secret_key_file")
    if secret and secret_file:
        raise ValueError("at most one of secret_key & secret_key_file must be configured")


class AzureSd(_Cloud):
    environment: str = "AzurePublicCloud"
    authentication_method: str = "OAuth"
    subscription_id: str = Field(default="", validate_default=True)
    tenant_id: str = ""
    client_id: str = ""
    client_secret: Secret = Secret("")
    resource_group: str = ""
    refresh_interval: Duration = 5 * MINUTE

    @field_validator("subscription_id")
    @classmethod
    def _subscription(cls, value: str) -> str:
        if not value:
            raise ValueError("azure SD configuration requires a subscription_id")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        _one_of(
            self.authentication_method,
            "authentication_type",
            "OAuth",
            "ManagedIdentity",
            "SDK",
            "WorkloadIdentity",
        )
        if self.authentication_method == "OAuth":
            for name in ("tenant_id", "client_id", "client_secret"):
                if not getattr(self, name):
                    raise ValueError(f"azure SD configuration requires a {name}")
        return self


class DigitalOceanSd(_Cloud):
    pass


class GceSd(Section):
    project: str = Field(default="", validate_default=True)
    zone: str = Field(default="", validate_default=True)
    filter: str = ""
    refresh_interval: Duration = 60 * SECOND
    port: int = 80
    tag_separator: str = ","

    @field_validator("project", "zone")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("GCE SD configuration requires a project and a zone")
        return value


class HetznerSd(_Cloud):
    role: str = Field(default="", validate_default=True)
    label_selector: str = ""

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return _one_of(value, "hetzner role", "robot", "hcloud")


class IonosSd(_Cloud):
    datacenter_id: str = Field(default="", validate_default=True)

    @field_validator("datacenter_id")
    @classmethod
    def _datacenter(cls, value: str) -> str:
        if not value:
            raise ValueError("datacenter id can't be empty")
        return value


class LinodeSd(_Cloud):
    region: str = ""
    tag_separator: str = ","


class OciSd(Section):
    auth: str = "api_key"
    region: str = ""
    tenancy: str = ""
    user: str = ""
    fingerprint: str = ""
    key_file: str = ""
    key_passphrase: Secret = Secret("")
    compartments: tuple[str, ...] = ()
    refresh_interval: Duration = 60 * SECOND
    port: int = 80

    @field_validator("auth")
    @classmethod
    def _auth(cls, value: str) -> str:
        return _one_of(
            value, "OCI authentication method", "api_key", "instance_principal", "resource_principal"
        )


class OpenStackSd(Section):
    identity_endpoint: str = ""
    username: str = ""
    userid: str = ""
    password: Secret = Secret("")
    project_name: str = ""
    project_id: str = ""
    domain_name: str = ""
    domain_id: str = ""
    application_credential_name: str = ""
    application_credential_id: str = ""
    application_credential_secret: Secret = Secret("")
    role: str = Field(default="", validate_default=True)
    region: str = Field(default="", validate_default=True)
    refresh_interval: Duration = 60 * SECOND
    port: int = 80
    all_tenants: bool = False
    tls_config: TlsConfig | None = None
    availability: str = "public"

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return _one_of(value, "OpenStack SD role", "instance", "hypervisor", "loadbalancer")

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        if not value:
            raise ValueError("openstack SD configuration requires a region")
        return value

    @field_validator("availability")
    @classmethod
    def _availability(cls, value: str) -> str:
        return _one_of(value, "availability", "public", "internal", "admin")


class OutscaleSd(_Cloud):
    region: str = Field(default="", validate_default=True)
    endpoint: str = ""
    access_key: str = ""
    secret_key: Secret = Secret("")
    secret_key_file: str = ""

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        if not value:
            raise ValueError("outscale SD configuration requires a region")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        _one_secret("outscale", self.secret_key, self.secret_key_file)
        return self


class OvhCloudSd(Section):
    endpoint: str = "ovh-eu"
    application_key: str = Field(default="", validate_default=True)
    application_secret: Secret = Field(default=Secret(""), validate_default=True)
    consumer_key: Secret = Field(default=Secret(""), validate_default=True)
    service: str = Field(default="", validate_default=True)
    refresh_interval: Duration = 60 * SECOND

    @field_validator("application_key", "application_secret", "consumer_key")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("application_key, application_secret and consumer_key are needed")
        return value

    @field_validator("service")
    @classmethod
    def _service(cls, value: str) -> str:
        return _one_of(value, "service", "dedicated_server", "vps")


class ScalewaySd(_Cloud):
    role: str = Field(default="", validate_default=True)
    project_id: str = Field(default="", validate_default=True)
    access_key: str = Field(default="", validate_default=True)
    secret_key: Secret = Secret("")
    secret_key_file: str = ""
    api_url: str = "https://api.scaleway.com"
    zone: str = "fr-par-1"
    name_filter: str = ""
    tags_filter: tuple[str, ...] = ()

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return _one_of(value, "scaleway SD role", "instance", "baremetal")

    @field_validator("project_id", "access_key")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("scaleway SD configuration requires a project_id and an access_key")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        _one_secret("scaleway", self.secret_key, self.secret_key_file)
        return self


class StackitSd(_Cloud):
    project: str = ""
    region: str = ""
    endpoint: str = ""
    service_account_key: Secret = Secret("")
    service_account_key_path: str = ""
    private_key: Secret = Secret("")
    private_key_path: str = ""
    credentials_file_path: str = ""

    @field_validator("endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if value and ("://" not in value or value.startswith("://")):
            raise ValueError(f"stackit endpoint {quote(value)} is no URL; write https://host")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.endpoint and not self.project:
            raise ValueError("stackit SD configuration requires a project")
        return self


class VultrSd(_Cloud):
    pass
