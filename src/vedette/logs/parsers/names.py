"""Label names made from keys of lines."""

from __future__ import annotations

import re
from functools import lru_cache

_BAD = re.compile(r"[^a-zA-Z0-9_]")


@lru_cache(maxsize=16384)
def sanitize(key: str, *, first: bool = True) -> str:
    """`key` as a label name: trimmed, every other character than ``[A-Za-z0-9_]`` an underscore.

    `first` says that the name starts with this key, which then may not start with a digit. Empty for an empty key.
    """
    name = key.strip()
    if name and first and "0" <= name[0] <= "9":
        name = "_" + name
    return _BAD.sub("_", name)
