"""Where the Redis is: addresses, users and passwords from options, environment and files. Passwords aren't shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import orjson

from vedette.exporters.redis.resp import Place, Tls


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
    """Prints as scheme, host and port only."""

    shown: str
    place: Place = field(repr=False)

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
        place = _place(parts, SCHEMES[parts.scheme], verify_tls)
    except (KeyError, ValueError):
        raise AddressError(
            "the address is not valid; write redis://host:6379, rediss://host:6379 for TLS, or unix:///path"
        ) from None
    shown = place.path or f"{SCHEMES[parts.scheme]}://{parts.hostname}:{place.port}"
    user = place.username or credentials.user
    password = place.password or _from_file(shown, user, credentials) or credentials.password
    return Address(shown, replace(place, username=user if password else "", password=password))


def _place(parts: SplitResult, scheme: str, verify_tls: bool) -> Place:
    """The parts of a URL; the database is its path's number, or ``?db=``. Raises `ValueError`."""
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    path = unquote(parts.path)
    unix = scheme == "unix"
    db = query.get("db") or ("" if unix else path.strip("/"))
    tls = None
    if scheme == "rediss":
        tls = Tls(
            verify=verify_tls and query.get("ssl_cert_reqs") != "none",
            check_hostname=query.get("ssl_check_hostname", "").lower() not in ("false", "0", "no"),
            ca_file=query.get("ssl_ca_certs", ""),
            cert_file=query.get("ssl_certfile", ""),
            key_file=query.get("ssl_keyfile", ""),
        )
    return Place(
        host=unquote(parts.hostname or "") or "localhost",
        port=parts.port or 6379,
        path=path if unix else "",
        tls=tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        db=int(db or 0),
    )


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
