"""An alert: a label set that fires from one time to another. Times are nanoseconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from vedette.model.labels import Labels

_FNV_OFFSET = 14695981039346656037
_FNV_PRIME = 1099511628211
_MASK = (1 << 64) - 1
_SEPARATOR = b"\xff"


@lru_cache(maxsize=65536)
def fingerprint(labels: Labels) -> int:
    """The 64-bit FNV-1a hash by which every Prometheus tool names a label set."""
    value = _FNV_OFFSET
    for name, text in labels:
        for byte in b"".join((name.encode(), _SEPARATOR, text.encode(), _SEPARATOR)):
            value = ((value ^ byte) * _FNV_PRIME) & _MASK
    return value


@dataclass(frozen=True, slots=True)
class Alert:
    """`timeout` says that `ends_at` was not told but guessed, so a later word may move it."""

    labels: Labels
    starts_at: int
    ends_at: int
    updated_at: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    generator_url: str = ""
    timeout: bool = False

    @property
    def fingerprint(self) -> int:
        return fingerprint(self.labels)

    @property
    def name(self) -> str:
        return self.labels.get("alertname")

    def resolved(self, now: int) -> bool:
        return self.ends_at <= now

    def merged(self, older: Alert, now: int) -> Alert:
        """This alert, heard later than `older`, as one story with it."""
        if older.updated_at > self.updated_at:
            return older.merged(self, now)
        ends_at = self.ends_at
        if older.ends_at > ends_at:
            explicit = older.resolved(now) if self.resolved(now) else not older.timeout
            ends_at = older.ends_at if explicit else ends_at
        return replace(self, starts_at=min(self.starts_at, older.starts_at), ends_at=ends_at)

    def overlaps(self, older: Alert) -> bool:
        return (older.starts_at < self.ends_at < older.ends_at) or (
            older.starts_at < self.starts_at < older.ends_at
        )


def in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """As notifications list them: by job, instance, then all labels."""
    return sorted(alerts, key=lambda a: (a.labels.get("job"), a.labels.get("instance"), a.labels.pairs))
