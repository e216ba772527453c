"""``kubernetes_sd_configs``"""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.client.config import HttpSettings
from vedette.metrics.config.section import Section
from vedette.model.labels import quote

ROLES = ("node", "service", "pod", "endpoints", "endpointslice", "ingress")
# Which objects a role may select by.
_SELECTABLE = {
    "pod": ("pod", "node"),
    "service": ("service",),
    "endpoints": ("endpoints", "pod", "service"),
    "endpointslice": ("endpointslice", "pod", "service"),
    "node": ("node",),
    "ingress": ("ingress",),
}
_FIELD_TERM = re.compile(r"[^=!,]+(?:==|!=|=)[^=!,]*\Z")


class Namespaces(Section):
    own_namespace: bool = False
    names: tuple[str, ...] = ()


class Selector(Section):
    role: str = ""
    label: str = ""
    field: str = ""

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return _role(value)

    @field_validator("field")
    @classmethod
    def _field(cls, value: str) -> str:
        for term in filter(None, value.split(",")):
            if _FIELD_TERM.match(term) is None:
                raise ValueError(f"invalid selector: {quote(value)}; can't understand {quote(term)}")
        return value


class AttachMetadata(Section):
    node: bool = False
    namespace: bool = False


class KubernetesSd(Section, HttpSettings):
    api_server: str = ""
    role: str = Field(default="", validate_default=True)
    kubeconfig_file: str = ""
    namespaces: Namespaces = Field(default_factory=Namespaces)
    selectors: tuple[Selector, ...] = ()
    attach_metadata: AttachMetadata = Field(default_factory=AttachMetadata)

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        if not value:
            raise ValueError(f"role missing (one of: {', '.join(ROLES)})")
        return _role(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        client = self.model_fields_set & set(HttpSettings.model_fields)
        if self.api_server and self.kubeconfig_file:
            raise ValueError("cannot use 'kubeconfig_file' and 'api_server' simultaneously")
        if self.kubeconfig_file and client:
            raise ValueError("cannot use a custom HTTP client configuration together with 'kubeconfig_file'")
        if not self.api_server and client:
            raise ValueError(
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
            )
        if self.namespaces.own_namespace and self.api_server:
            raise ValueError("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously")
        if self.namespaces.own_namespace and self.kubeconfig_file:
            raise ValueError("cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously")
        self._check_selectors()
        return self

    def _check_selectors(self) -> None:
        allowed = _SELECTABLE[self.role]
        seen: set[str] = set()
        for selector in self.selectors:
            if selector.role in seen:
                raise ValueError(f"duplicated selector role: {selector.role}")
            seen.add(selector.role)
            if selector.role not in allowed:
                raise ValueError(f"{self.role} role supports only {', '.join(allowed)} selectors")
        if self.role == "pod" and seen > {"node"} and "pod" not in seen:
            raise ValueError("pod role supports only pod, node selectors")


def _role(value: str) -> str:
    if value not in ROLES:
        raise ValueError(f"unknown Kubernetes SD role {quote(value)}; one of: {', '.join(ROLES)}")
    return value
