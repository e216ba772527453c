"""Data sources, and which of them a panel means.

Files name their source in four ways: not at all (the default), by a string (a uid or a name), by `{type, uid}`,
or by a placeholder of an export (`${DS_PROMETHEUS}`) that somebody should have filled in. A reference that names
nothing here falls back to the only source of its kind, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_LOGQL = re.compile(
    r"^\s*\{(?!\s*__name__)"  # a bare selector: rows of a stream
    r"|\}\s*(\|=|\|~|\|>|!>|\|\s*(json|logfmt|pattern|regexp|unpack|line_format|label_format|unwrap|drop|keep|decolorize)\b)"
    r"|\b(bytes_rate|bytes_over_time|rate_counter)\s*\("
)
_VARIABLE = re.compile(r"^(\$\w+|\$\{[^}]+\}|\[\[\w+\]\])$")
# Built-in sources of Grafana that stand for "look elsewhere".
_SPECIAL = {"-- Mixed --", "-- Dashboard --", "-- Grafana --", "grafana", "__expr__"}


@dataclass(frozen=True)
class DataSource:
    """A server that answers queries. `url` is never shown to a browser: requests go through the proxy."""

    uid: str
    name: str
    type: str
    url: str
    is_default: bool = False
    json_data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    number: int = 0


def looks_like_logql(expr: str) -> bool:
    """Whether `expr` can only be a question to a log store."""
    return _LOGQL.search(expr) is not None


@dataclass
class SourceResolver:
    """Turns what a document wrote into `{"type", "uid"}` of a source that exists, or a variable left as it is."""

    sources: Sequence[DataSource]
    variables: frozenset[str]
    inputs: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def for_document(cls, document: dict[str, Any], sources: Sequence[DataSource]) -> SourceResolver:
        inputs = {
            str(item.get("name")): str(item.get("pluginId") or "")
            for item in document.get("__inputs") or []
            if isinstance(item, dict) and item.get("type") == "datasource"
        }
        names = frozenset(str(v.get("name")) for v in document["templating"]["list"])
        return cls(sources=sources, variables=names, inputs=inputs)

    def resolve(self, reference: object, *, expr: str) -> dict[str, Any]:
        """The source meant by `reference` for a query `expr` (its language decides when nothing is said)."""
        kind, uid = _parts(reference)
        if uid in _SPECIAL:
            return {"type": kind or "datasource", "uid": uid}
        if uid and _VARIABLE.match(uid):
            name = uid.strip("${}[]").split(":")[0].split(".")[0]
            if name in self.variables:
                return {"type": kind, "uid": uid} if kind else {"uid": uid}
            kind = kind or self.inputs.get(name, "")
            self.notes.append(f"data source {uid} was never filled in: using the one of its kind")
            uid = ""
        for source in self.sources:
            if uid and uid in (source.uid, source.name):
                return _reference(source)
        if uid:
            by_type = [s for s in self.sources if s.type == uid.lower()]
            if by_type:
                return _reference(by_type[0])
            if uid != "default":
                self.notes.append(f"data source {uid!r} is not here: using the one of its kind")
        wanted = kind or ("loki" if looks_like_logql(expr) else "")
        if wanted in ("", "datasource"):
            wanted = "prometheus"
        of_kind = [s for s in self.sources if s.type == wanted]
        if of_kind:
            return _reference(next((s for s in of_kind if s.is_default), of_kind[0]))
        return {"type": wanted, "uid": uid}


def _parts(reference: object) -> tuple[str, str]:
    if isinstance(reference, str):
        return "", reference
    if isinstance(reference, dict):
        return str(reference.get("type") or ""), str(reference.get("uid") or "")
    return "", ""


def _reference(source: DataSource) -> dict[str, Any]:
    return {"type": source.type, "uid": source.uid}
