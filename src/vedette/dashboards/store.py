"""Dashboards saved through the API, in one SQLite file; every save is kept as a version."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dashboard (
    uid TEXT PRIMARY KEY,
    folder TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS dashboard_version (
    uid TEXT NOT NULL REFERENCES dashboard(uid) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    saved REAL NOT NULL,
    message TEXT NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (uid, version)
);
"""


class VersionMismatch(Exception):
    """Somebody else saved this dashboard in between; `current` is the version they made."""

    def __init__(self, current: int) -> None:
        super().__init__("The dashboard has been changed by someone else")
        self.current = current


@dataclass(frozen=True)
class Saved:
    """One saved dashboard, at its latest version."""

    uid: str
    folder: str
    version: int
    created: datetime
    updated: datetime
    document: dict[str, Any]


class DashboardStore:
    """Blocking; one connection guarded by a lock, since saves are rare and reads are small."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def all(self) -> list[Saved]:
        """Every dashboard at its latest version."""
        with self._lock:
            rows = self._db.execute(
                "SELECT d.uid, d.folder, d.version, d.created, v.saved, v.document"
                " FROM dashboard d JOIN dashboard_version v ON v.uid = d.uid AND v.version = d.version"
                " ORDER BY d.uid"
            ).fetchall()
        return [_saved(row) for row in rows]

    def save(
        self,
        uid: str,
        document: dict[str, Any],
        *,
        base_version: int | None,
        folder: str = "",
        message: str = "",
        overwrite: bool = False,
    ) -> int:
        """Writes the next version and returns its number.

        :raises VersionMismatch: when `base_version` is not the latest and `overwrite` is false.
        """
        now = datetime.now(UTC).timestamp()
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = self._db.execute("SELECT version FROM dashboard WHERE uid = ?", (uid,)).fetchone()
                current = int(row[0]) if row else 0
                if current and not overwrite and base_version != current:
                    raise VersionMismatch(current)
                version = current + 1
                self._db.execute(
                    "INSERT INTO dashboard (uid, folder, version, created) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (uid) DO UPDATE SET version = excluded.version, folder = excluded.folder",
                    (uid, folder, version, now),
                )
                self._db.execute(
                    "INSERT INTO dashboard_version (uid, version, saved, message, document) VALUES (?, ?, ?, ?, ?)",
                    (uid, version, now, message, orjson.dumps(document)),
                )
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        return version

    def delete(self, uid: str) -> bool:
        """Removes a dashboard with its versions; whether there was one."""
        with self._lock:
            return self._db.execute("DELETE FROM dashboard WHERE uid = ?", (uid,)).rowcount > 0


def _saved(row: tuple[Any, ...]) -> Saved:
    uid, folder, version, created, saved, document = row
    return Saved(
        uid=uid,
        folder=folder,
        version=version,
        created=datetime.fromtimestamp(created, tz=UTC),
        updated=datetime.fromtimestamp(saved, tz=UTC),
        document=orjson.loads(document),
    )
