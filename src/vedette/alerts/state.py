"""What must survive a restart: silences, the notification log and the history, in one SQLite file.

    silences       id, body (JSON), gone_at       kept until `gone_at`
    notified       key, body (JSON), gone_at      the notification log, one row a group and integration
    history        what was sent, to whom, why, and how it ended

Times are nanoseconds since the epoch. One connection, used from the event loop: each statement touches a few rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS silences (id TEXT PRIMARY KEY, body BLOB NOT NULL, gone_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notified (key TEXT PRIMARY KEY, body BLOB NOT NULL, gone_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    integration TEXT NOT NULL,
    group_key TEXT NOT NULL,
    group_labels TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    firing INTEGER NOT NULL,
    resolved INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    alerts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_at ON history (at);
"""
_HISTORY = (
    "at, receiver, integration, group_key, group_labels, status, reason, firing, resolved, outcome, error, attempts,"
    " alerts"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One notification that was tried. `group_labels` and `alerts` are JSON; `outcome` is ``sent`` or ``failed``."""

    at: int
    receiver: str
    integration: str
    group_key: str
    group_labels: str
    status: str
    reason: str
    firing: int
    resolved: int
    outcome: str
    error: str
    attempts: int
    alerts: str


class StateFile:
    """Opens or makes the file; ``:memory:`` keeps nothing. Raises `sqlite3.Error`."""

    def __init__(self, path: Path | str) -> None:
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A crash of the machine may cost the last moments; a crash of the process costs nothing.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def rows(self, table: str) -> Iterator[Any]:
        """Bodies of ``silences`` or ``notified``."""
        for (body,) in self._db.execute(f"SELECT body FROM {_checked(table)}"):
            yield orjson.loads(body)

    def write(self, table: str, key: str, body: Any, gone_at: int) -> None:
        self._db.execute(
            f"INSERT OR REPLACE INTO {_checked(table)} VALUES (?, ?, ?)", (key, orjson.dumps(body), gone_at)
        )

    def drop_gone(self, now: int, *, history_since: int) -> None:
        for table in ("silences", "notified"):
            self._db.execute(f"DELETE FROM {table} WHERE gone_at <= ?", (now,))
        self._db.execute("DELETE FROM history WHERE at < ?", (history_since,))

    def record(self, sent: Sent) -> None:
        marks = ", ".join("?" * len(_HISTORY.split(",")))
        self._db.execute(f"INSERT INTO history ({_HISTORY}) VALUES ({marks})", astuple(sent))

    def history(self, *, since: int = 0, limit: int = 1000) -> list[Sent]:
        """Newest first."""
        query = f"SELECT {_HISTORY} FROM history WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?"
        return [Sent(*row) for row in self._db.execute(query, (since, limit))]


def _checked(table: str) -> str:
    if table not in ("silences", "notified"):
        raise AssertionError(f"BUG: no table {table}")
    return table
