"""`table-old`, and `table` with `styles` (before Grafana 7) -> `table`."""

from __future__ import annotations

from typing import Any

from vedette.dashboards.model.legacy.common import defaults_of, number, threshold_steps

_TRANSFORMS = {
    "timeseries_to_rows": "seriesToRows",
    "timeseries_to_columns": "seriesToColumns",
    "timeseries_aggregations": "reduce",
    "table": "merge",
}
_CELLS = {"cell": "color-background", "row": "color-background", "value": "color-text"}


def old_table(panel: dict[str, Any]) -> None:
    """Rewrites `panel` in place; a table without `styles` is already of the new form."""
    if panel.get("type") == "table" and not isinstance(panel.get("styles"), list):
        return
    panel["type"] = "table"
    defaults = defaults_of(panel)
    overrides = panel["fieldConfig"]["overrides"]
    for style in panel.get("styles") or []:
        if not isinstance(style, dict):
            continue
        pattern = str(style.get("pattern") or "")
        properties = _properties(style)
        if pattern in ("/.*/", ""):
            for item in properties:
                if not item["id"].startswith("custom."):
                    defaults.setdefault(item["id"], item["value"])
        elif properties:
            matcher = "byRegexp" if pattern.startswith("/") else "byName"
            overrides.append({"matcher": {"id": matcher, "options": pattern}, "properties": properties})
    transform = _TRANSFORMS.get(str(panel.get("transform")))
    if transform and not panel.get("transformations"):
        panel["transformations"] = [{"id": transform, "options": {"reducers": []}}]
        for target in panel.get("targets") or []:
            if isinstance(target, dict) and transform == "merge":
                target.setdefault("format", "table")


def _properties(style: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def put(name: str, value: object) -> None:
        found.append({"id": name, "value": value})

    if style.get("alias"):
        put("displayName", style["alias"])
    kind = style.get("type")
    if kind == "hidden":
        put("custom.hidden", True)
    elif kind == "date":
        put("unit", f"time:{style.get('dateFormat') or 'YYYY-MM-DD HH:mm:ss'}")
    elif kind == "number":
        if style.get("unit"):
            put("unit", style["unit"])
        decimals = number(style.get("decimals"))
        if decimals is not None:
            put("decimals", int(decimals))
    cell = _CELLS.get(str(style.get("colorMode")))
    if cell:
        put("custom.cellOptions", {"type": cell})
        put(
            "thresholds",
            {"mode": "absolute", "steps": threshold_steps(style.get("thresholds"), style.get("colors"))},
        )
    if style.get("link") and style.get("linkUrl"):
        put(
            "links",
            [
                {
                    "title": style.get("linkTooltip") or "",
                    "url": style["linkUrl"],
                    "targetBlank": bool(style.get("linkTargetBlank")),
                }
            ],
        )
    if style.get("align") and style["align"] != "auto":
        put("custom.align", style["align"])
    return found
