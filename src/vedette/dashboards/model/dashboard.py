"""One dashboard: the document as written, and the document as the UI draws it.

Reading never refuses what it can make sense of: the body of an API answer is unwrapped, old shapes are brought
up to date, and what a hand-written file leaves out is filled in. Unknown keys are kept. What was assumed is said
in `notes`, which the UI shows to whoever looks after the file.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.dashboards.model.identity import slug, uid_from, valid_uid
from vedette.dashboards.model.layout import place_panels, rows_to_grid
from vedette.dashboards.model.legacy import modernise
from vedette.dashboards.model.panel import complete_panel
from vedette.dashboards.model.sources import DataSource, SourceResolver

SCHEMA_VERSION = 39
DEFAULT_REFRESH = "10s"
DEFAULT_TIME = {"from": "now-1h", "to": "now"}


class DocumentError(ValueError):
    """The document is no dashboard; the message says what it is instead."""


@dataclass(frozen=True)
class Dashboard:
    """A dashboard ready to be served. `document` is complete: every panel has id, type, gridPos and datasource."""

    uid: str
    title: str
    tags: tuple[str, ...]
    document: dict[str, Any]
    notes: tuple[str, ...] = field(default=())

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def url(self) -> str:
        return f"/d/{self.uid}/{self.slug}"


def unwrap(raw: object) -> dict[str, Any]:
    """The dashboard inside `raw`: itself, `{"dashboard": {...}}`, or a `kind: Dashboard` resource of the v1 API.

    :raises DocumentError: when there is no dashboard in it.
    """
    if not isinstance(raw, dict):
        raise DocumentError(f"a dashboard is a JSON object, this is {_kind(raw)}")
    inner = raw.get("dashboard")
    if isinstance(inner, dict):
        return inner
    if raw.get("kind") == "Dashboard" and isinstance(raw.get("spec"), dict):
        spec: dict[str, Any] = raw["spec"]
        if "elements" in spec and "layout" in spec:
            raise DocumentError(
                "this is a dashboard of the v2 schema (elements and layout); export it in the classic form"
            )
        return {"uid": (raw.get("metadata") or {}).get("name"), **spec}
    if any(key in raw for key in ("panels", "rows", "title", "templating")):
        return raw
    raise DocumentError("no dashboard in this file: neither `panels` nor a `dashboard` object was found")


def read_dashboard(raw: object, *, name: str, sources: Sequence[DataSource]) -> Dashboard:
    """Reads one document; `name` (a file's stem) stands in for a missing title and uid.

    :raises DocumentError: when `raw` is no dashboard.
    """
    document = copy.deepcopy(unwrap(raw))
    notes: list[str] = []
    title = document.get("title")
    if not isinstance(title, str) or not title.strip():
        title = name.replace("-", " ").replace("_", " ").strip().capitalize() or "Dashboard"
        notes.append(f"no title: called {title!r}")
    uid = document.get("uid")
    if not valid_uid(uid):
        if uid:
            notes.append(f"uid {uid!r} is not 1 to 40 letters, digits, '-' or '_': made one from the name")
        uid = uid_from(name)
    document["uid"], document["title"] = uid, title

    _common(document)
    if isinstance(document.get("rows"), list):
        document["panels"] = [*_dicts(document.get("panels")), *rows_to_grid(_dicts(document.pop("rows")))]
    panels = _dicts(document.get("panels"))
    resolver = SourceResolver.for_document(document, sources)
    _number(panels)
    for panel in _walk(panels):
        modernise(panel)
        complete_panel(panel, resolver)
    document["panels"] = place_panels(panels)
    _variables(document, resolver)
    notes += resolver.notes
    return Dashboard(
        uid=str(uid),
        title=title,
        tags=tuple(str(tag) for tag in document["tags"]),
        document=document,
        notes=tuple(dict.fromkeys(notes)),
    )


def _common(document: dict[str, Any]) -> None:
    """The document's own keys, in their present-day types."""
    version = document.get("schemaVersion")
    if version is None and "refresh" not in document:
        # Written by hand, it says nothing; a page that stands still would look dead.
        document["refresh"] = DEFAULT_REFRESH
    try:
        document["schemaVersion"] = max(int(version), SCHEMA_VERSION)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        document["schemaVersion"] = SCHEMA_VERSION
    tags = document.get("tags")
    document["tags"] = tags if isinstance(tags, list) else []
    time = document.get("time")
    document["time"] = {**DEFAULT_TIME, **time} if isinstance(time, dict) else dict(DEFAULT_TIME)
    refresh = document.get("refresh")
    document["refresh"] = refresh if isinstance(refresh, str) else ""
    if "graphTooltip" not in document:
        # A hand-written file says nothing; one crosshair over all panels is what helps in an incident.
        document["graphTooltip"] = 1
    if document.pop("sharedCrosshair", False):
        document["graphTooltip"] = 1
    templating = document.get("templating")
    listed = templating.get("list") if isinstance(templating, dict) else None
    document["templating"] = {"list": _dicts(listed)}


def _variables(document: dict[str, Any], resolver: SourceResolver) -> None:
    """Variables get a data source too, and `query` strings stay strings."""
    for variable in document["templating"]["list"]:
        if variable.get("type") == "query":
            variable["datasource"] = resolver.resolve(variable.get("datasource"), expr="")


def _number(panels: list[dict[str, Any]]) -> None:
    """Every panel has an id of its own; the ones that were given are kept."""
    taken: set[int] = set()
    unnamed: list[dict[str, Any]] = []
    for panel in _walk(panels):
        number = panel.get("id")
        if isinstance(number, int) and number not in taken:
            taken.add(number)
        else:
            unnamed.append(panel)
    following = max(taken, default=0)
    for panel in unnamed:
        following += 1
        panel["id"] = following


def _walk(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All panels, the ones inside collapsed rows included."""
    for panel in panels:
        yield panel
        if isinstance(panel.get("panels"), list):
            panel["panels"] = _dicts(panel["panels"])
            yield from panel["panels"]


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}.get(
        type(value), type(value).__name__
    )
