"""Host aliases: names of a guide (``api``, ``loki``, ``postgres-exporter``) that mean this machine.

``VEDETTE_HOST_ALIASES`` holds ``name=address`` pairs separated by commas; `vedette up` sets it for its processes. A
name is a host (``api``) or a host with a port (``localhost:9090``, which goes first). An address is a host, a host with
a port that replaces the one asked for (``127.0.0.1:8000``), or a plain door in place of one behind TLS
(``http://127.0.0.1:8025``, ``smtp://127.0.0.1:8026``), which is how the demo keeps its notifications on this machine.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

VARIABLE = "VEDETTE_HOST_ALIASES"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an alias leads. `port` 0 keeps the port asked for; `plain` means: without TLS."""

    host: str
    port: int = 0
    plain: bool = False


@lru_cache(maxsize=8)
def _parse(text: str) -> dict[str, Address]:
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip().lower(): _address(address.strip()) for name, _, address in pairs}


def _address(text: str) -> Address:
    scheme, found, rest = text.rpartition("://")
    host, _, port = rest.partition(":")
    return Address(host, int(port) if port.isdigit() else 0, bool(found) and scheme in ("http", "smtp"))


def lookup(host: str, port: int = 0) -> Address:
    """The address to ask at for `host:port`."""
    table = _parse(os.environ.get(VARIABLE, ""))
    found = table.get(f"{host.lower()}:{port}") or table.get(host.lower())
    if found is None:
        return Address(host, port)
    return Address(found.host, found.port or port, found.plain)


def rewrite(url: str) -> str:
    """`url` with a plain door in place of one behind TLS, where an alias says so; otherwise `url` itself."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return url
    found = lookup(parts.hostname, parts.port or 443)
    if not found.plain:
        return url
    return urlunsplit(parts._replace(scheme="http", netloc=f"{found.host}:{found.port or 80}"))


def write(aliases: dict[str, str]) -> str:
    """The text of ``VEDETTE_HOST_ALIASES`` for `aliases`."""
    return ",".join(f"{name}={address}" for name, address in sorted(aliases.items()))
