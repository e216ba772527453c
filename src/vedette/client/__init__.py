"""Calling out: one HTTP client for every role, with the originals' ``http_config``."""

from vedette.client.config import (
    Authorization,
    BasicAuth,
    HttpConfig,
    HttpSettings,
    OAuth2,
    TlsConfig,
)
from vedette.client.http import HttpClient

__all__ = ["Authorization", "BasicAuth", "HttpClient", "HttpConfig", "HttpSettings", "OAuth2", "TlsConfig"]
