"""Dashboard files: what Grafana would refuse or guess, and panels that can't have data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vedette.config.problems import Problem
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.parser import parse
from vedette.stack.check.expressions import Context, findings

_VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?|\[\[(\w+)\]\]")
# Stands in a query for a variable of a dashboard: a duration where one is due, else a word.
_DURATIONS = frozenset({"__interval", "__rate_interval", "__range", "interval"})


def check_dashboard(path: Path, context: Context) -> Iterator[Problem]:
    """Problems of one dashboard file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        yield Problem(str(path), error.lineno, error.colno, "", f"not valid JSON: {error.msg}")
        return
    if not isinstance(data, dict):
        yield Problem(str(path), 1, 1, "", "a dashboard is a JSON object", "")
        return
    if "title" not in data and isinstance(data.get("dashboard"), dict):
        yield _warning(
            path, text, '"dashboard"', "dashboard",
            'the dashboard is wrapped in {"dashboard": ...}, the body of an API call; Grafana refuses such a file: '
            '"Dashboard title cannot be empty"',
            "keep what is inside (Vedette unwraps it)",
        )  # fmt: skip
        data = data["dashboard"]
    if not data.get("title"):
        yield Problem(str(path), 1, 1, "title", "Dashboard title cannot be empty", "add a title")
    for key, why in (
        ("schemaVersion", "read as 0: every migration runs, or the dashboard is refused"),
        ("uid", "links to it change"),
    ):
        if key not in data:
            yield _warning(path, text, '"title"', key, f"{key} is missing: {why}", f"add {key}")
    for index, panel in enumerate(_panels(data)):
        yield from _check_panel(path, text, index, panel, context)


def _panels(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in data.get("panels") or []:
        if isinstance(panel, dict):
            yield panel
            yield from (p for p in panel.get("panels") or [] if isinstance(p, dict))


def _check_panel(
    path: Path, text: str, index: int, panel: dict[str, Any], context: Context
) -> Iterator[Problem]:
    title = str(panel.get("title", index))
    anchor = json.dumps(title)
    where = f"panels[{index}]"
    missing = [key for key in ("type", "gridPos") if key not in panel]
    if missing:
        yield _warning(
            path, text, anchor, where,
            f'"{title}" has no {" and no ".join(missing)}: Grafana shows it small, with all others at one spot',
            f"add {' and '.join(missing)} (Vedette lays such panels out)",
        )  # fmt: skip
    for target in panel.get("targets") or []:
        query = target.get("expr") if isinstance(target, dict) else None
        if not isinstance(query, str) or not query or _is_logs(panel, target):
            continue
        try:
            tree = parse(_without_variables(query))
        except ParseError as error:
            if not _VARIABLE.search(query):
                yield Problem(str(path), _line(text, anchor), 1, where, f'"{title}": {error}', f"in: {query}")
            continue
        for finding in findings(tree, context):
            yield _warning(path, text, anchor, where, f'"{title}": {finding.message}', finding.hint)


def _is_logs(panel: dict[str, Any], target: dict[str, Any]) -> bool:
    source = target.get("datasource") or panel.get("datasource") or {}
    return panel.get("type") == "logs" or (isinstance(source, dict) and source.get("type") == "loki")


def _without_variables(query: str) -> str:
    def replace(found: re.Match[str]) -> str:
        return "5m" if (found[1] or found[2]) in _DURATIONS else "x"

    return _VARIABLE.sub(replace, query)


def _warning(path: Path, text: str, anchor: str, where: str, message: str, hint: str) -> Problem:
    return Problem(str(path), _line(text, anchor), 1, where, message, hint, "warning")


def _line(text: str, anchor: str) -> int:
    at = text.find(anchor)
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
