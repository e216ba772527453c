"""What the parts of prometheus.yml have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from vedette.config.model import Strict
from vedette.config.relabel import RelabelConfig
from vedette.model.labels import quote


class Section(Strict):
    """A mapping of the file. A key without a value is a key not given; a section without keys has its defaults."""

    @model_validator(mode="before")
    @classmethod
    def _drop_empty_keys(cls, data: Any) -> Any:
        if data is None:
            return {}
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class _NotNull:
    """Refuses an empty list item, in the original's words."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, value: Any) -> Any:
        if value is None:
            raise ValueError(f"{self.message}; write it out or remove the dash")
        return value


def not_null(message: str) -> BeforeValidator:
    return BeforeValidator(_NotNull(message))


TargetRules = tuple[
    Annotated[RelabelConfig, not_null("empty or null target relabeling rule in scrape config")], ...
]
MetricRules = tuple[
    Annotated[RelabelConfig, not_null("empty or null metric relabeling rule in scrape config")], ...
]
AlertRules = tuple[Annotated[RelabelConfig, not_null("empty or null alert relabeling rule")], ...]
AlertmanagerTargetRules = tuple[
    Annotated[RelabelConfig, not_null("empty or null Alertmanager target relabeling rule")], ...
]
AlertmanagerAlertRules = tuple[
    Annotated[RelabelConfig, not_null("empty or null Alertmanager alert relabeling rule")], ...
]
WriteRules = tuple[
    Annotated[RelabelConfig, not_null("empty or null relabeling rule in remote write config")], ...
]

Count = Annotated[int, Field(ge=0)]

_SIZE = re.compile(r"(\d+(?:\.\d+)?(?:B|[KMGTPE]i?B))+\Z")
_SIZE_PART = re.compile(r"(\d+(?:\.\d+)?)([KMGTPE]?)i?B")


def _size(value: Any) -> Any:
    if not isinstance(value, str) or value == "0":
        return 0 if value == "0" else value
    if _SIZE.match(value) is None:
        raise ValueError(f"{quote(value)} is not a valid size; write a number with a unit such as 512MB")
    parts = _SIZE_PART.findall(value)
    return int(sum(float(number) * 1024 ** (" KMGTPE".index(unit or " ")) for number, unit in parts))


# Bytes with a unit, which the original insists on here: "100" is refused, "100MB" is not.
Size = Annotated[int, BeforeValidator(_size)]


def _scheme(value: Any) -> Any:
    if isinstance(value, str) and value.lower() not in ("http", "https"):
        raise ValueError(f"unsupported scheme {quote(value)}; write http or https")
    return value.lower() if isinstance(value, str) else value


Scheme = Annotated[str, BeforeValidator(_scheme)]


def http_url(value: str, what: str) -> str:
    """`value` when it is a complete http(s) URL. Raises `ValueError`."""
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise ValueError(f"{what} {quote(value)}: {error}") from None
    if not value:
        raise ValueError(f"{what} is missing")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{what} scheme must be 'http' or 'https'; write http://host/...")
    if not parts.netloc:
        raise ValueError(f"host is missing in {what}")
    return value


def forbid_headers(headers: Mapping[str, str], instead: str) -> None:
    """Raises `ValueError` for headers that the client sets itself."""
    for name in headers:
        if name.lower() == "authorization":
            raise ValueError(instead)
        if name.lower() in RESERVED_HEADERS:
            raise ValueError(f"{name} is a reserved header. It must not be changed; remove it")


RESERVED_HEADERS = frozenset(
    [
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
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ]
)
