"""Dashboards from files: read once, watched, read again when they change.

A file that cannot be read never takes the others down: it is listed with what is wrong, and when it had been
readable before, its last good form goes on being served.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from watchfiles import awatch

from vedette.config.log import get_logger
from vedette.dashboards.model import Dashboard, DocumentError, read_dashboard
from vedette.dashboards.model.sources import DataSource

_log = get_logger("dashboards.library")

MAX_FILE_BYTES = 20_000_000
# A folder that is not there yet is looked for this often.
MISSING_POLL_S = 5.0


@dataclass(frozen=True)
class Folder:
    """A directory of dashboards and the name under which the UI lists them."""

    path: Path
    title: str = ""
    recursive: bool = True


@dataclass(frozen=True)
class Entry:
    """A dashboard and where it came from."""

    dashboard: Dashboard
    origin: str
    folder: str
    updated: datetime
    version: int = 1
    provisioned: bool = True


@dataclass(frozen=True)
class FileProblem:
    """A file that is not served as it stands."""

    path: str
    message: str


@dataclass
class Library:
    """All dashboards of some folders, by uid. `load` is cheap to call again: unchanged files are not reread."""

    folders: Sequence[Folder]
    sources: Sequence[DataSource]
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)
    _seen: dict[Path, tuple[int, int, Entry]] = field(default_factory=dict, repr=False)

    def load(self) -> None:
        """Reads what changed since the last call; blocking, call it in a thread."""
        entries: dict[str, Entry] = {}
        problems: list[FileProblem] = []
        seen: dict[Path, tuple[int, int, Entry]] = {}
        for folder in self.folders:
            for path in _files(folder):
                try:
                    entry = self._read(path, folder, seen)
                except (OSError, DocumentError, ValueError) as error:
                    problems.append(FileProblem(str(path), _reason(error)))
                    if path not in self._seen:
                        continue
                    entry = self._seen[path][2]
                    seen[path] = (-1, -1, entry)
                uid = entry.dashboard.uid
                if uid in entries:
                    problems.append(
                        FileProblem(
                            str(path),
                            f"uid {uid!r} is already used by {entries[uid].origin}; give one of them another uid",
                        )
                    )
                    continue
                entries[uid] = entry
        for problem in problems:
            if problem not in self.problems:
                _log.warning(
                    "dashboard file not served as it stands", path=problem.path, problem=problem.message
                )
        self.entries, self.problems, self._seen = entries, problems, seen

    def _read(self, path: Path, folder: Folder, seen: dict[Path, tuple[int, int, Entry]]) -> Entry:
        stat = path.stat()
        known = self._seen.get(path)
        if known is not None and known[:2] == (stat.st_mtime_ns, stat.st_size):
            seen[path] = known
            return known[2]
        if stat.st_size > MAX_FILE_BYTES:
            raise DocumentError(f"larger than {MAX_FILE_BYTES // 1_000_000} MB: no dashboard is that long")
        raw: Any = orjson.loads(path.read_bytes())
        dashboard = read_dashboard(raw, name=path.stem, sources=self.sources)
        entry = Entry(
            dashboard=dashboard,
            origin=str(path),
            folder=folder.title,
            updated=datetime.fromtimestamp(stat.st_mtime, tz=UTC),
            version=(known[2].version + 1) if known else 1,
        )
        seen[path] = (stat.st_mtime_ns, stat.st_size, entry)
        return entry

    def _existing(self) -> list[Path]:
        return [folder.path for folder in self.folders if folder.path.exists()]

    async def watch(self) -> None:
        """Reloads on every change under the folders until cancelled."""
        existing = self._existing()
        while not existing:
            # No event says that a folder appeared: look now and then.
            await asyncio.sleep(MISSING_POLL_S)
            existing = self._existing()
        await asyncio.to_thread(self.load)
        async for _ in awatch(*existing, step=200, recursive=True, ignore_permission_denied=True):
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self.load)


def _files(folder: Folder) -> Iterator[Path]:
    if folder.path.is_file():
        yield folder.path
        return
    if not folder.path.is_dir():
        return
    pattern = "**/*.json" if folder.recursive else "*.json"
    yield from sorted(
        path for path in folder.path.glob(pattern) if path.is_file() and not path.name.startswith(".")
    )


def _reason(error: Exception) -> str:
    if isinstance(error, orjson.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
