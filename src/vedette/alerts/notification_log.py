"""The notification log: what each integration was last told about each group. It is why nobody is told twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.alerts.state import StateFile


@dataclass(frozen=True, slots=True)
class LogKey:
    """`integration` is the kind, `index` which one of the receiver's."""

    group_key: str
    receiver: str
    integration: str
    index: int

    def __str__(self) -> str:
        return f"{self.group_key}:{self.receiver}/{self.integration}/{self.index}"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Fingerprints of what was told as firing and as resolved, and when.

    `memory` is what the integration wants to find again, such as the id of the message it may edit.
    """

    at: int
    firing: frozenset[int]
    resolved: frozenset[int]
    memory: Mapping[str, str] = field(default_factory=dict)


class NotificationLog:
    def __init__(self, state: StateFile) -> None:
        self._state = state
        self._entries: dict[str, tuple[LogEntry, int]] = {}
        for body in state.rows("notified"):
            self._entries[body["key"]] = (_entry(body), body["goneAt"])

    def get(self, key: LogKey) -> LogEntry | None:
        found = self._entries.get(str(key))
        return found[0] if found is not None else None

    def put(self, key: LogKey, entry: LogEntry, *, gone_at: int) -> None:
        self._entries[str(key)] = (entry, gone_at)
        body: dict[str, Any] = {
            "key": str(key),
            "at": entry.at,
            "firing": [f"{f:016x}" for f in sorted(entry.firing)],
            "resolved": [f"{f:016x}" for f in sorted(entry.resolved)],
            "memory": dict(entry.memory),
            "goneAt": gone_at,
        }
        self._state.write("notified", str(key), body, gone_at)

    def forget_old(self, now: int) -> None:
        for key, (_, gone_at) in tuple(self._entries.items()):
            if gone_at <= now:
                del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)


def _entry(body: Mapping[str, Any]) -> LogEntry:
    return LogEntry(
        at=body["at"],
        firing=frozenset(int(f, 16) for f in body["firing"]),
        resolved=frozenset(int(f, 16) for f in body["resolved"]),
        memory=body.get("memory", {}),
    )
