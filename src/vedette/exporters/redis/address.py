"""Where the Redis is: addresses, users and passwords from options, environment and files. Passwords aren't shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
from redis.asyncio.connection import parse_url


class AddressError(ValueError):
    """An address that can't be read. `str()` is for the user and repeats no password."""


SCHEMES = {
    "redis": "redis",
    "valkey": "redis",
    "rediss": "rediss",
    "valkeys": "rediss",
    "unix": "unix",
}


@dataclass(frozen=True)
class Address:
    """Keyword arguments of a connection of redis-py. Prints as scheme, host and port only."""

    shown: str
    parameters: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Credentials:
    user: str = ""
    password: str = field(default="", repr=False)
    # Address -> password, from --redis.password-file; an address may name a user: redis://user@host:6379.
    by_address: Mapping[str, str] = field(default_factory=dict, repr=False)


def parse_address(text: str, credentials: Credentials, *, verify_tls: bool = True) -> Address:
    """An address from ``redis://``, ``rediss://``, ``unix://`` or ``host:port``. Raises `AddressError`."""
    text = text.strip()
    if "://" not in text:
        text = f"unix://{text}" if text.startswith("/") else f"redis://{text}"
    try:
        parts = urlsplit(text)
        scheme = SCHEMES[parts.scheme]
        parameters: dict[str, Any] = dict(parse_url(urlunsplit(parts._replace(scheme=scheme))))
        shown = parts.path if scheme == "unix" else f"{scheme}://{parts.hostname}:{parts.port or 6379}"
    except (KeyError, ValueError):
        raise AddressError(
            "the address is not valid; write redis://host:6379, rediss://host:6379 for TLS, or unix:///path"
        ) from None
    user = parameters.pop("username", None) or credentials.user
    password = (
        parameters.pop("password", None) or _from_file(shown, user, credentials) or credentials.password
    )
    if password:
        parameters["password"] = password
        if user:
            parameters["username"] = user
    if scheme == "rediss" and not verify_tls:
        parameters |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    return Address(shown, parameters)


def _from_file(shown: str, user: str, credentials: Credentials) -> str:
    with_user = shown.replace("://", f"://{user}@", 1) if user else shown
    return credentials.by_address.get(with_user) or credentials.by_address.get(shown, "")


def read_password_file(path: Path) -> Mapping[str, str]:
    """``{"redis://host:6379": "password", ...}``. Raises `AddressError`."""
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no JSON"
        raise AddressError(f"{path}: {reason}") from None
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise AddressError(f"{path}: write a mapping of addresses to passwords")
    return {str(key): value for key, value in data.items()}
