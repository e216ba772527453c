"""What a panel leaves out, filled in: type, data source, letters of its queries, and a unit where it is plain."""

from __future__ import annotations

import string
from typing import Any

from vedette.dashboards.model.sources import SourceResolver, looks_like_logql
from vedette.dashboards.model.units import guess_unit

PLAIN_TYPES = frozenset({"row", "text", "dashlist", "news", "annolist", "alertlist", "welcome"})


def complete_panel(panel: dict[str, Any], resolver: SourceResolver) -> None:
    """Completes `panel` in place; what it says itself is never changed."""
    written_by_hand = not isinstance(panel.get("type"), str) or not panel["type"]
    targets = _targets(panel)
    first_expr = next((t["expr"] for t in targets if isinstance(t.get("expr"), str)), "")
    if written_by_hand:
        panel["type"] = _guess_type(panel, first_expr)
    if not isinstance(panel.get("title"), str):
        panel["title"] = ""
    _field_config(panel)
    if panel["type"] == "row":
        panel.setdefault("panels", [])
        panel["collapsed"] = bool(panel.get("collapsed"))
        return
    if panel["type"] in PLAIN_TYPES and not targets:
        return
    panel["targets"] = targets
    _sources(panel, targets, first_expr, resolver)
    _letters(targets)
    defaults = panel["fieldConfig"]["defaults"]
    if written_by_hand and "unit" not in defaults:
        unit = guess_unit(panel["title"], first_expr)
        if unit:
            defaults["unit"] = unit


def _guess_type(panel: dict[str, Any], expr: str) -> str:
    if isinstance(panel.get("panels"), list) or "collapsed" in panel:
        return "row"
    options = panel.get("options")
    if "content" in panel or (isinstance(options, dict) and "content" in options):
        return "text"
    if looks_like_logql(expr) and expr.lstrip().startswith("{"):
        return "logs"
    return "timeseries"


def _field_config(panel: dict[str, Any]) -> None:
    config = panel.get("fieldConfig")
    config = config if isinstance(config, dict) else {}
    defaults, overrides = config.get("defaults"), config.get("overrides")
    config["defaults"] = defaults if isinstance(defaults, dict) else {}
    config["overrides"] = overrides if isinstance(overrides, list) else []
    panel["fieldConfig"] = config
    if not isinstance(panel.get("options"), dict):
        panel["options"] = {}


def _targets(panel: dict[str, Any]) -> list[dict[str, Any]]:
    targets = panel.get("targets")
    return [t for t in targets if isinstance(t, dict)] if isinstance(targets, list) else []


def _sources(
    panel: dict[str, Any], targets: list[dict[str, Any]], first_expr: str, resolver: SourceResolver
) -> None:
    panel["datasource"] = resolver.resolve(panel.get("datasource"), expr=first_expr)
    mixed = panel["datasource"].get("uid") == "-- Mixed --"
    for target in targets:
        own = target.get("datasource")
        if own is None and not mixed:
            target["datasource"] = dict(panel["datasource"])
        else:
            target["datasource"] = resolver.resolve(own, expr=str(target.get("expr") or ""))


def _letters(targets: list[dict[str, Any]]) -> None:
    """Gives a `refId` to queries without one: the first free letter."""
    taken = {t["refId"] for t in targets if isinstance(t.get("refId"), str) and t["refId"]}
    free = (name for name in _names() if name not in taken)
    for target in targets:
        if not isinstance(target.get("refId"), str) or not target["refId"]:
            target["refId"] = next(free)


def _names() -> list[str]:
    letters = string.ascii_uppercase
    return [*letters, *(a + b for a in letters for b in letters)]
