"""Faults of a `loki-config.yml` that can be seen without starting anything."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import pydantic

from vedette.config.document import Document, Location
from vedette.config.model import problems_of
from vedette.config.problems import Problem
from vedette.logs.config_keys import FORGIVING, FORMER, KNOWN, MISPLACED
from vedette.logs.config_model import LokiConfig

_MIN_RETENTION_NS = 24 * 3600 * 10**9
_SCHEMAS = ("v9", "v10", "v11", "v12", "v13")


def check_config(document: Document) -> list[Problem]:
    """Every fault of the file, by line. Errors keep the role from starting, warnings do not."""
    data = document.data
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return [document.problem((), "the file is not a mapping", "write key: value pairs")]
    problems = [*_keys(document, data, (), ""), *_schema(document, data)]
    if not any(p.severity == "error" for p in problems):
        try:
            config = LokiConfig.model_validate(_without_shapes(data))
        except pydantic.ValidationError as error:
            problems += problems_of(document, LokiConfig, error)
        else:
            problems += _retention(document, config)
            problems += _without_effect(document, data)
    return sorted(problems, key=lambda p: (p.line, p.column))


def _without_effect(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """Keys that are read and that nothing acts on yet."""
    if data.get("auth_enabled") == "true":
        yield document.problem(
            ("auth_enabled",),
            "there is one tenant: X-Scope-OrgID is not asked for",
            "write auth_enabled: false",
            "warning",
        )
    ingester = data.get("ingester")
    wal = ingester.get("wal") if isinstance(ingester, dict) else None
    if isinstance(wal, dict) and wal.get("enabled") == "false":
        yield document.problem(
            ("ingester", "wal", "enabled"), "the write-ahead log is always kept", "remove it", "warning"
        )


def _without_shapes(data: dict[str, Any]) -> dict[str, Any]:
    """Empty blocks (``ingester:`` and nothing below) count as absent."""
    return {
        key: _without_shapes(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None
    }


def _keys(document: Document, data: Any, loc: Location, path: str) -> Iterator[Problem]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _keys(document, item, (*loc, index), f"{path}[]")
        return
    if not isinstance(data, dict):
        return
    known = KNOWN.get(path)
    for key, value in data.items():
        here = f"{path}.{key}" if path else str(key)
        at = (*loc, key)
        if here in MISPLACED:
            yield document.problem(at, "no release of Loki takes this key here", f"write {MISPLACED[here]}")
        elif here in FORMER:
            happened, instead = FORMER[here]
            yield document.problem(at, f"this key {happened}", _instead(instead), severity="warning")
        elif known is not None and key not in known:
            yield _unknown(document, at, str(key), known, path)
        else:
            yield from _keys(document, value, at, here)


def _instead(text: str) -> str:
    return text if text.startswith(("remove", "write")) else f"write {text} instead"


def _unknown(document: Document, loc: Location, key: str, known: frozenset[str], path: str) -> Problem:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    elsewhere = sorted(f"{block}.{key}" for block, keys in KNOWN.items() if block and key in keys)
    if near:
        hint = f'did you mean "{near[0]}"?'
    elif elsewhere:
        hint = f"write it as {elsewhere[0]}"
    else:
        hint = "remove it"
    severity = "warning" if path in FORGIVING else "error"
    return document.problem(loc, f'unknown key "{key}"', hint, severity=severity)  # type: ignore[arg-type]


def _schema(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    block = data.get("schema_config")
    configs = block.get("configs") if isinstance(block, dict) else None
    for index, period in enumerate(configs if isinstance(configs, list) else ()):
        if not isinstance(period, dict):
            continue
        loc: Location = ("schema_config", "configs", index)
        schema, store = period.get("schema"), period.get("store")
        if isinstance(schema, dict):
            version = schema.get("version", "v13")
            yield document.problem(
                (*loc, "schema"),
                "this is a single value in every release of Loki, not a mapping",
                f"write `schema: {'v13' if version in ('v9', 'v10', 'v11', 'v12') else version}`, and `index:` beside it",
            )
        elif isinstance(schema, str) and schema not in _SCHEMAS:
            yield document.problem((*loc, "schema"), f'"{schema}" is no schema', "write v13")
        elif schema in _SCHEMAS[:-1]:
            yield document.problem(
                (*loc, "schema"),
                f"{schema} has no structured metadata",
                "write v13 instead",
                severity="warning",
            )
        if store in ("boltdb-shipper", "boltdb"):
            yield document.problem(
                (*loc, "store"),
                f"{store} was removed in Loki 3.8",
                "write `store: tsdb` instead",
                severity="warning",
            )


def _retention(document: Document, config: LokiConfig) -> Iterator[Problem]:
    limits, compactor = config.limits_config, config.compactor
    if compactor.retention_enabled and not compactor.delete_request_store:
        yield document.problem(
            ("compactor", "retention_enabled"),
            "retention needs a delete_request_store",
            "add `delete_request_store: filesystem` to the compactor block",
        )
    wanted = limits.retention_period or limits.retention_stream
    if wanted and not compactor.retention_enabled:
        yield document.problem(
            ("limits_config", "retention_period" if limits.retention_period else "retention_stream"),
            "nothing is deleted, for retention is not switched on",
            "add `compactor: {retention_enabled: true, delete_request_store: filesystem}`",
            severity="warning",
        )
    if 0 < limits.retention_period < _MIN_RETENTION_NS:
        yield document.problem(
            ("limits_config", "retention_period"), "the shortest retention is 24h", "write 24h or more"
        )
