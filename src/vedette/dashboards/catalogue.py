"""Every dashboard this role serves: the files, then what was saved through the API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from vedette.config.log import get_logger
from vedette.dashboards.library import Entry, FileProblem, Library
from vedette.dashboards.model import DocumentError, read_dashboard
from vedette.dashboards.model.dashboard import unwrap
from vedette.dashboards.model.identity import uid_from, valid_uid
from vedette.dashboards.model.sources import DataSource
from vedette.dashboards.store import DashboardStore

_log = get_logger("dashboards.catalogue")


class ProvisionedError(Exception):
    """The dashboard comes from a file; the file is the place to change it."""


class Catalogue:
    """Looks dashboards up by uid. A file wins over a saved dashboard of the same uid."""

    def __init__(self, library: Library, store: DashboardStore, sources: Sequence[DataSource]) -> None:
        self._library = library
        self._store = store
        self._sources = sources
        self._saved: dict[str, Entry] = {}

    async def load(self) -> None:
        """Reads the folders and the store."""
        await asyncio.to_thread(self._library.load)
        await self._load_saved()

    async def _load_saved(self) -> None:
        saved: dict[str, Entry] = {}
        for item in await asyncio.to_thread(self._store.all):
            try:
                dashboard = read_dashboard(item.document, name=item.uid, sources=self._sources)
            except DocumentError as error:
                _log.warning("saved dashboard cannot be read", uid=item.uid, problem=str(error))
                continue
            saved[item.uid] = Entry(
                dashboard=dashboard,
                origin="saved through the API",
                folder=item.folder,
                updated=item.updated,
                version=item.version,
                provisioned=False,
            )
        self._saved = saved

    def get(self, uid: str) -> Entry | None:
        return self._library.entries.get(uid) or self._saved.get(uid)

    def all(self) -> list[Entry]:
        """Every dashboard, by folder and title."""
        found = {**self._saved, **self._library.entries}
        return sorted(
            found.values(), key=lambda e: (e.folder.lower(), e.dashboard.title.lower(), e.dashboard.uid)
        )

    @property
    def problems(self) -> list[FileProblem]:
        return self._library.problems

    async def save(
        self, raw: object, *, folder: str = "", message: str = "", overwrite: bool = False
    ) -> tuple[Entry, int]:
        """Stores a new dashboard or a new version of one.

        :raises DocumentError: when `raw` is no dashboard.
        :raises ProvisionedError: when its uid belongs to a file.
        :raises VersionMismatch: when it was changed by someone else.
        """
        document = dict(unwrap(raw))
        title = document.get("title")
        if not isinstance(title, str) or not title.strip():
            raise DocumentError("Dashboard title cannot be empty")
        uid = document.get("uid")
        if not valid_uid(uid):
            if uid:
                raise DocumentError("uid contains illegal characters or is longer than 40 characters")
            uid = uid_from(title)
            document["uid"] = uid
        if uid in self._library.entries:
            raise ProvisionedError("Cannot save provisioned dashboard: change the file it comes from")
        base: Any = document.get("version")
        version = await asyncio.to_thread(
            self._store.save,
            str(uid),
            document,
            base_version=base if isinstance(base, int) else None,
            folder=folder,
            message=message,
            overwrite=overwrite,
        )
        await self._load_saved()
        return self._saved[str(uid)], version

    async def delete(self, uid: str) -> bool:
        """Removes a saved dashboard; false when there is none.

        :raises ProvisionedError: when it comes from a file.
        """
        if uid in self._library.entries:
            raise ProvisionedError("Cannot delete provisioned dashboard: remove the file it comes from")
        removed = await asyncio.to_thread(self._store.delete, uid)
        self._saved.pop(uid, None)
        return removed
