"""The names by which a dashboard is found: uid and slug."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def slug(title: str) -> str:
    """The readable part of a dashboard's address: `API Overview (p95)` -> `api-overview-p95`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "dashboard"


def valid_uid(uid: object) -> bool:
    """Whether `uid` is one that Grafana accepts: 1 to 40 letters, digits, `-` or `_`."""
    return isinstance(uid, str) and _UID.fullmatch(uid) is not None


def uid_from(name: str) -> str:
    """A uid that stays the same for the same file name or title, within Grafana's 40 characters."""
    base = slug(name)
    if len(base) <= 40:
        return base
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{base[:31].rstrip('-')}-{digest}"
