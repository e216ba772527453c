"""Targets in files: JSON or YAML lists of ``{targets: [...], labels: {...}}``.

Files are read again when the system says that they changed, and every refresh interval in case it didn't. A file that
can't be read keeps its last good content in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import time
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pydantic
from watchfiles import awatch

from vedette.config.document import read_document
from vedette.config.log import get_logger
from vedette.config.problems import ConfigError
from vedette.metrics.config.sd.file import FileSd
from vedette.metrics.config.sd.static import TargetGroup
from vedette.metrics.discovery.group import Group, Publish
from vedette.metrics.discovery.observed import DiscoveryMetrics
from vedette.metrics.discovery.static import group_of

_log = get_logger("metrics.discovery.file")
_GROUPS = pydantic.TypeAdapter(tuple[TargetGroup, ...])
# A watch that can't be kept is tried again after this long; the refresh interval goes on meanwhile.
_REWATCH_SECONDS = 30.0


class FileError(Exception):
    """A discovery file that can't be used. `str()` says why."""


class FileDiscoverer:
    def __init__(self, config: FileSd, metrics: DiscoveryMetrics) -> None:
        self._config = config
        self._metrics = metrics
        self._published: dict[str, list[str]] = {}  # path -> sources of its groups

    async def run(self, publish: Publish) -> None:
        changed = asyncio.Event()
        watching = asyncio.create_task(self._watch(changed))
        try:
            while True:
                changed.clear()
                groups = await asyncio.to_thread(self._refresh)
                if groups:
                    publish(groups)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self._config.refresh_interval / 1000)
        finally:
            watching.cancel()
            for path in self._published:
                self._metrics.file_gone(path)

    async def _watch(self, changed: asyncio.Event) -> None:
        while True:
            try:
                async for _ in self._changes():
                    changed.set()
            except (OSError, RuntimeError) as error:
                _log.debug("Watching discovery files failed", err=error)
            await asyncio.sleep(_REWATCH_SECONDS)

    def _changes(self) -> AsyncIterator[object]:
        folders = {Path(pattern).parent for pattern in self._config.files}
        existing = [folder for folder in folders if folder.is_dir()]
        if not existing:
            raise FileNotFoundError("none of the folders exists")
        return awatch(
            *existing, recursive=False, debounce=100, step=50, rust_timeout=1000, yield_on_timeout=False
        )

    def _refresh(self) -> list[Group]:
        """What all files hold now, and empty groups for what they no longer hold."""
        groups: list[Group] = []
        started = time.perf_counter()
        found: dict[str, list[str]] = {}
        for path in self._paths():
            try:
                read = read_groups(path)
            except FileError as error:
                self._metrics.file_failed()
                _log.error("Error reading file", path=path, err=error)
                found[path] = self._published.get(path, [])
                continue
            self._metrics.file_read(path)
            found[path] = [group.source for group in read]
            groups += read
        for path, sources in self._published.items():
            gone = set(sources) - set(found.get(path, ()))
            groups += [Group(source) for source in sorted(gone)]
            if path not in found:
                self._metrics.file_gone(path)
        self._published = found
        self._metrics.file_scan(time.perf_counter() - started)
        return groups

    def _paths(self) -> list[str]:
        found: dict[str, None] = {}
        for pattern in self._config.files:
            found.update(dict.fromkeys(sorted(glob.glob(pattern)) if "*" in pattern else [pattern]))
        return [path for path in found if Path(path).exists()]


def read_groups(path: str) -> list[Group]:
    """The groups of one file, with ``__meta_filepath``. Raises `FileError`."""
    try:
        if path.lower().endswith(".json"):
            data = orjson.loads(Path(path).read_bytes())
        else:
            data = read_document(path).data
        written = _GROUPS.validate_python([] if data is None else data)
    except ConfigError as error:
        raise FileError(str(error)) from None
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FileError(f"{place}: {first['msg']}" if place else first["msg"]) from None
    except (OSError, ValueError) as error:
        raise FileError(str(error)) from None
    return [group_of(f"{path}:{index}", group, __meta_filepath=path) for index, group in enumerate(written)]
