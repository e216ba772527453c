"""Host aliases: names of a guide (``api``, ``loki``, ``postgres-exporter``) that mean this machine.

``VEDETTE_HOST_ALIASES`` holds ``name=address`` pairs separated by commas; `vedette up` sets it for its processes. An
alias may carry a port, which then replaces the one asked for: ``api=127.0.0.1:8000``.
"""

from __future__ import annotations

import os
from functools import lru_cache

VARIABLE = "VEDETTE_HOST_ALIASES"


@lru_cache(maxsize=8)
def _parse(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip().lower(): address.strip() for name, _, address in pairs}


def table() -> dict[str, str]:
    return _parse(os.environ.get(VARIABLE, ""))


def resolve(host: str) -> str:
    """The address that stands for `host`, or `host` itself."""
    return table().get(host.lower(), host).partition(":")[0] or host


def resolve_port(host: str, port: int) -> int:
    """The port to ask at, which an alias may replace."""
    _, _, given = table().get(host.lower(), "").partition(":")
    return int(given) if given.isdigit() else port


def write(aliases: dict[str, str]) -> str:
    """The text of ``VEDETTE_HOST_ALIASES`` for `aliases`."""
    return ",".join(f"{name}={address}" for name, address in sorted(aliases.items()))
