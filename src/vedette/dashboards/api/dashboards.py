"""`/api/search` and `/api/dashboards/*`."""

from __future__ import annotations

import math
import zlib
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.dashboards.api.errors import json
from vedette.dashboards.catalogue import Catalogue, ProvisionedError
from vedette.dashboards.library import Entry
from vedette.dashboards.model import DocumentError
from vedette.dashboards.model.identity import uid_from
from vedette.dashboards.store import VersionMismatch
from vedette.web.errors import ApiError

MAX_BODY = 20_000_000
SEARCH_LIMIT, SEARCH_MOST = 1000, 5000


class DashboardRoutes:
    """The handlers over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        return [
            Route("/api/search", self.search),
            Route("/api/dashboards/tags", self.tags),
            Route("/api/dashboards/db", self.save, methods=["POST"]),
            Route("/api/dashboards/uid/{uid}", self.read, methods=["GET"]),
            Route("/api/dashboards/uid/{uid}", self.delete, methods=["DELETE"]),
            Route("/api/folders", self.folders),
        ]

    async def search(self, request: Request) -> Response:
        """Dashboards whose title holds every word of `query`, with every `tag`."""
        params = request.query_params
        if params.get("type") == "dash-folder":
            return json([])
        words = params.get("query", "").lower().split()
        tags = set(params.getlist("tag"))
        uids = set(params.getlist("dashboardUIDs"))
        folder_uids = set(params.getlist("folderUIDs"))
        limit = min(_positive(params.get("limit"), SEARCH_LIMIT), SEARCH_MOST)
        page = _positive(params.get("page"), 1)
        if params.get("starred") == "true":
            return json([])
        found = [
            hit
            for entry in self._catalogue.all()
            for hit in [_hit(entry)]
            if all(word in hit["title"].lower() for word in words)
            and tags <= set(hit["tags"])
            and (not uids or hit["uid"] in uids)
            and (not folder_uids or hit.get("folderUid", "general") in folder_uids)
        ]
        return json(found[(page - 1) * limit : page * limit])

    async def tags(self, request: Request) -> Response:
        counts: dict[str, int] = {}
        for entry in self._catalogue.all():
            for tag in entry.dashboard.tags:
                counts[tag] = counts.get(tag, 0) + 1
        return json([{"term": term, "count": count} for term, count in sorted(counts.items())])

    async def folders(self, request: Request) -> Response:
        titles = sorted({e.folder for e in self._catalogue.all() if e.folder})
        return json([{"id": _number(uid_from(t)), "uid": uid_from(t), "title": t} for t in titles])

    async def read(self, request: Request) -> Response:
        entry = self._catalogue.get(request.path_params["uid"])
        if entry is None:
            raise ApiError(404, "not-found", "Dashboard not found")
        document = {
            **entry.dashboard.document,
            "id": _number(entry.dashboard.uid),
            "version": entry.version,
        }
        return json({"dashboard": document, "meta": _meta(entry)})

    async def save(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_BODY:
            raise ApiError(413, "", f"the request is larger than {MAX_BODY // 1_000_000} MB")
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ApiError(400, "", f"bad request data: {error}") from None
        if not isinstance(given, dict) or not isinstance(given.get("dashboard"), dict):
            raise ApiError(400, "", 'bad request data: expected {"dashboard": {...}}')
        try:
            entry, version = await self._catalogue.save(
                given,
                folder=str(given.get("folderTitle") or ""),
                message=str(given.get("message") or ""),
                overwrite=given.get("overwrite") is True,
            )
        except DocumentError as error:
            raise ApiError(400, "", str(error)) from None
        except ProvisionedError as error:
            raise ApiError(400, "", str(error)) from None
        except VersionMismatch as error:
            raise ApiError(412, "version-mismatch", str(error)) from None
        dashboard = entry.dashboard
        return json(
            {
                "id": _number(dashboard.uid),
                "uid": dashboard.uid,
                "url": dashboard.url,
                "slug": dashboard.slug,
                "status": "success",
                "version": version,
            }
        )

    async def delete(self, request: Request) -> Response:
        uid = request.path_params["uid"]
        entry = self._catalogue.get(uid)
        try:
            removed = await self._catalogue.delete(uid)
        except ProvisionedError as error:
            raise ApiError(400, "", str(error)) from None
        if not removed or entry is None:
            raise ApiError(404, "not-found", "Dashboard not found")
        title = entry.dashboard.title
        return json({"id": _number(uid), "title": title, "message": f"Dashboard {title} deleted"})


def _hit(entry: Entry) -> dict[str, Any]:
    dashboard = entry.dashboard
    hit: dict[str, Any] = {
        "id": _number(dashboard.uid),
        "uid": dashboard.uid,
        "title": dashboard.title,
        "uri": f"db/{dashboard.slug}",
        "url": dashboard.url,
        "slug": "",
        "type": "dash-db",
        "tags": list(dashboard.tags),
        "isStarred": False,
        "sortMeta": 0,
    }
    if entry.folder:
        hit |= {"folderUid": uid_from(entry.folder), "folderTitle": entry.folder}
    return hit


def _meta(entry: Entry) -> dict[str, Any]:
    return {
        "type": "db",
        "canSave": not entry.provisioned,
        "canEdit": not entry.provisioned,
        "canAdmin": False,
        "canStar": False,
        "slug": entry.dashboard.slug,
        "url": entry.dashboard.url,
        "expires": "0001-01-01T00:00:00Z",
        "created": _time(entry.updated),
        "updated": _time(entry.updated),
        "updatedBy": "",
        "createdBy": "",
        "version": entry.version,
        "isFolder": False,
        "folderUid": uid_from(entry.folder) if entry.folder else "",
        "folderTitle": entry.folder or "General",
        "provisioned": entry.provisioned,
        "provisionedExternalId": entry.origin.rsplit("/", 1)[-1] if entry.provisioned else "",
        "notes": list(entry.dashboard.notes),
    }


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def _number(uid: str) -> int:
    """A numeric id that stays the same: Grafana's clients want one, nothing here looks anything up by it."""
    return zlib.crc32(uid.encode()) & 0x7FFFFFFF


def _positive(text: str | None, otherwise: int) -> int:
    try:
        value = float(text or "")
    except ValueError:
        return otherwise
    return int(value) if math.isfinite(value) and value >= 1 else otherwise
