"""`singlestat` (until Grafana 6) -> `stat`, or `gauge` where it drew one."""

from __future__ import annotations

from typing import Any

from vedette.dashboards.model.legacy.common import defaults_of, mappings_from, number, part, threshold_steps

_CALCS = {
    "current": "lastNotNull",
    "avg": "mean",
    "total": "sum",
    "min": "min",
    "max": "max",
    "first": "firstNotNull",
    "delta": "delta",
    "diff": "diff",
    "range": "range",
}


def singlestat_to_stat(panel: dict[str, Any]) -> None:
    """Rewrites `panel` in place."""
    gauge = part(panel, "gauge")
    sparkline = part(panel, "sparkline")
    panel["type"] = "gauge" if gauge.get("show") else "stat"
    defaults = defaults_of(panel)
    unit = str(panel.get("format") or "none")
    if unit == "none" and panel.get("postfix"):
        unit = f"suffix:{panel['postfix']}"
    defaults.setdefault("unit", unit)
    decimals = number(panel.get("decimals"))
    if decimals is not None:
        defaults.setdefault("decimals", int(decimals))
    defaults.setdefault(
        "thresholds",
        {"mode": "absolute", "steps": threshold_steps(panel.get("thresholds"), panel.get("colors"))},
    )
    defaults.setdefault("mappings", mappings_from(panel))
    if panel.get("nullText"):
        defaults.setdefault("noValue", panel["nullText"])
    if gauge.get("show"):
        defaults.setdefault("min", number(gauge.get("minValue")) or 0)
        top = number(gauge.get("maxValue"))
        defaults.setdefault("max", top if top is not None else (1 if unit == "percentunit" else 100))
    value_name = str(panel.get("valueName") or "avg")
    fields = panel.get("tableColumn") or ""
    panel["options"] = {
        "reduceOptions": {
            "values": False,
            "calcs": [_CALCS.get(value_name, "mean")],
            "fields": f"/^{fields}$/" if fields and fields != "Value" else "",
        },
        "orientation": "horizontal",
        "textMode": "name" if value_name == "name" else "auto",
        "colorMode": "background"
        if panel.get("colorBackground")
        else "value"
        if panel.get("colorValue")
        else "none",
        "graphMode": "area" if sparkline.get("show") else "none",
        "justifyMode": "auto",
        "showThresholdMarkers": bool(gauge.get("thresholdMarkers", True)),
        "showThresholdLabels": bool(gauge.get("thresholdLabels")),
    }
