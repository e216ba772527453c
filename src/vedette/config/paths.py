"""Path aliases: places inside a guide's containers (``/app/logs``, ``/loki``) that mean folders of this machine.

``VEDETTE_PATH_ALIASES`` holds ``/from=/to`` pairs separated by colons; `vedette up` sets it for its processes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

VARIABLE = "VEDETTE_PATH_ALIASES"


def resolve_path(path: str) -> str:
    """`path` with its longest aliased beginning replaced. Globs stay globs."""
    best, target = "", ""
    for pair in os.environ.get(VARIABLE, "").split(":"):
        start, _, to = pair.partition("=")
        start = start.rstrip("/")
        if start and to and len(start) > len(best) and (path == start or path.startswith(f"{start}/")):
            best, target = start, to.rstrip("/")
    return target + path[len(best) :] if best else path


def write(aliases: Mapping[str, str]) -> str:
    """The text of ``VEDETTE_PATH_ALIASES`` for `aliases`."""
    return ":".join(f"{start}={to}" for start, to in sorted(aliases.items()))
