"""The originals' ``http_config``: every documented key, read and checked once."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from vedette.config.model import Secret, Strict

_TLS_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
# Headers that the client itself sets; a configuration can't.
RESERVED_HEADERS = frozenset(
    [
        "authorization",
        "host",
        "content-encoding",
        "content-length",
        "content-type",
        "user-agent",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "www-authenticate",
        "accept-encoding",
        "x-prometheus-remote-write-version",
        "x-prometheus-remote-read-version",
        "x-prometheus-scrape-timeout-seconds",
        "accept",
        "cookie",
        "set-cookie",
    ]
)


class BasicAuth(Strict):
    username: str = ""
    username_file: str = ""
    username_ref: str = ""
    password: Secret = Secret("")
    password_file: str = ""
    password_ref: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.username and self.username_file:
            raise ValueError(
                "at most one of basic_auth username & username_file must be configured; remove one"
            )
        if self.password and self.password_file:
            raise ValueError(
                "at most one of basic_auth password & password_file must be configured; remove one"
            )
        return self


class Authorization(Strict):
    type: str = "Bearer"
    credentials: Secret = Secret("")
    credentials_file: str = ""
    credentials_ref: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.credentials and self.credentials_file:
            raise ValueError(
                "at most one of authorization credentials & credentials_file must be configured; remove one"
            )
        if self.type.strip().lower() == "basic":
            raise ValueError('authorization type cannot be set to "basic"; use "basic_auth" instead')
        return self


class TlsConfig(Strict):
    ca: str = ""
    ca_file: str = ""
    ca_ref: str = ""
    cert: str = ""
    cert_file: str = ""
    cert_ref: str = ""
    key: Secret = Secret("")
    key_file: str = ""
    key_ref: str = ""
    server_name: str = ""
    insecure_skip_verify: bool = False
    min_version: str = ""
    max_version: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("ca", "cert", "key"):
            if getattr(self, name) and getattr(self, f"{name}_file"):
                raise ValueError(f"at most one of {name} and {name}_file must be configured; remove one")
        if bool(self.cert or self.cert_file) != bool(self.key or self.key_file):
            raise ValueError(
                "exactly one of key or key_file must be configured when a client certificate is configured"
            )
        for version in (self.min_version, self.max_version):
            if version and version not in _TLS_VERSIONS:
                raise ValueError(f"unknown TLS version: {version}; one of {', '.join(_TLS_VERSIONS)}")
        return self

    def context(self, base_dir: Path) -> ssl.SSLContext:
        """The TLS context. Raises `OSError` or `ssl.SSLError` when files can't be used."""
        made = ssl.create_default_context(
            cafile=str(base_dir / self.ca_file) if self.ca_file else None, cadata=self.ca or None
        )
        if self.insecure_skip_verify:
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        if self.cert_file:
            made.load_cert_chain(base_dir / self.cert_file, base_dir / self.key_file)
        if self.min_version:
            made.minimum_version = _TLS_VERSIONS[self.min_version]
        if self.max_version:
            made.maximum_version = _TLS_VERSIONS[self.max_version]
        return made


class ProxySettings(Strict):
    proxy_url: str = ""
    no_proxy: str = ""
    proxy_from_environment: bool = False
    proxy_connect_header: Mapping[str, list[Secret]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_proxy(self) -> Self:
        if self.proxy_url:
            parts = urlsplit(self.proxy_url)
            if parts.scheme and not parts.netloc:
                raise ValueError(f'proxy_url "{self.proxy_url}" is no URL; write http://host:port')
            if self.proxy_from_environment:
                raise ValueError("if proxy_from_environment is configured, proxy_url must not be configured")
        if self.no_proxy and self.proxy_from_environment:
            raise ValueError("if proxy_from_environment is configured, no_proxy must not be configured")
        if self.proxy_connect_header and not (self.proxy_url or self.proxy_from_environment):
            raise ValueError(
                "if proxy_connect_header is configured, proxy_url or proxy_from_environment must be too"
            )
        if self.no_proxy and not self.proxy_url:
            raise ValueError("if no_proxy is configured, proxy_url must also be configured")
        return self


class OAuth2(ProxySettings):
    client_id: str = ""
    client_secret: Secret = Secret("")
    client_secret_file: str = ""
    client_secret_ref: str = ""
    client_certificate_key_id: str = ""
    client_certificate_key: Secret = Secret("")
    client_certificate_key_file: str = ""
    grant_type: str = ""
    signature_algorithm: str = ""
    iss: str = ""
    audience: str = ""
    claims: Mapping[str, str] = Field(default_factory=dict)
    scopes: list[str] = Field(default_factory=list)
    token_url: str = ""
    endpoint_params: Mapping[str, str] = Field(default_factory=dict)
    tls_config: TlsConfig | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.client_id:
            raise ValueError("oauth2 client_id must be configured")
        if not self.token_url:
            raise ValueError("oauth2 token_url must be configured")
        if self.client_secret and self.client_secret_file:
            raise ValueError("at most one of oauth2 client_secret & client_secret_file must be configured")
        return self


class HttpHeader(Strict):
    values: list[str] = Field(default_factory=list)
    secrets: list[Secret] = Field(default_factory=list)
    files: list[str] = Field(default_factory=list)


class HttpSettings(ProxySettings):
    """The client keys that stand inline in a scrape configuration, a remote endpoint or a receiver."""

    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    oauth2: OAuth2 | None = None
    bearer_token: Secret = Secret("")
    bearer_token_file: str = ""
    tls_config: TlsConfig | None = None
    follow_redirects: bool = True
    enable_http2: bool = True
    http_headers: Mapping[str, HttpHeader] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_auth(self) -> Self:
        if self.bearer_token and self.bearer_token_file:
            raise ValueError("at most one of bearer_token & bearer_token_file must be configured; remove one")
        bearer = bool(self.bearer_token or self.bearer_token_file)
        if bearer and (self.basic_auth or self.oauth2):
            raise ValueError(
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured; remove one"
            )
        if self.authorization and bearer:
            raise ValueError(
                "authorization is not compatible with bearer_token & bearer_token_file; keep authorization"
            )
        if self.authorization and (self.basic_auth or self.oauth2):
            raise ValueError(
                "at most one of basic_auth, oauth2 & authorization must be configured; remove one"
            )
        if self.basic_auth and self.oauth2:
            raise ValueError(
                "at most one of basic_auth, oauth2 & authorization must be configured; remove one"
            )
        for name in self.http_headers:
            if name.lower() in RESERVED_HEADERS:
                raise ValueError(f'setting header "{name}" is not allowed; the client sets it itself')
        return self


class HttpConfig(HttpSettings):
    """A block of its own, as under ``http_config:``."""
