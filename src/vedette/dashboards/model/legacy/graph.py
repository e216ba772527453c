"""`graph` (until Grafana 7) -> `timeseries`."""

from __future__ import annotations

from typing import Any

from vedette.dashboards.model.legacy.common import defaults_of, legend_options, number, part

_NULLS = {"connected": True, "null": False, "null as zero": False}


def graph_to_timeseries(panel: dict[str, Any]) -> None:
    """Rewrites `panel` in place."""
    mode = part(panel, "xaxis").get("mode")
    panel["type"] = "bargauge" if mode == "series" else "timeseries"
    defaults = defaults_of(panel)
    custom = defaults.setdefault("custom", {})
    _drawing(panel, custom)
    _axes(panel, defaults, custom)
    _thresholds(panel, defaults, custom)
    overrides = panel["fieldConfig"]["overrides"]
    _aliases(panel, overrides)
    tooltip = part(panel, "tooltip")
    options = panel.setdefault("options", {})
    options["legend"] = legend_options(panel.get("legend"))
    options["tooltip"] = {
        "mode": "multi" if tooltip.get("shared", True) else "single",
        "sort": {1: "asc", 2: "desc"}.get(tooltip.get("sort", 0), "none"),
    }


def _drawing(panel: dict[str, Any], custom: dict[str, Any]) -> None:
    bars = bool(panel.get("bars"))
    lines = bool(panel.get("lines", True))
    custom["drawStyle"] = "bars" if bars else "line" if lines else "points"
    custom["lineWidth"] = panel.get("linewidth", 1) if not bars else 1
    custom["fillOpacity"] = 100 if bars else (number(panel.get("fill", 1)) or 0) * 10
    if number(panel.get("fillGradient")):
        custom["gradientMode"] = "opacity"
    if panel.get("steppedLine"):
        custom["lineInterpolation"] = "stepAfter"
    custom["showPoints"] = "always" if panel.get("points") else "never"
    custom["pointSize"] = (number(panel.get("pointradius", 2)) or 0) * 2 + 2
    custom["spanNulls"] = _NULLS.get(str(panel.get("nullPointMode", "null")), False)
    if panel.get("stack"):
        custom["stacking"] = {"mode": "percent" if panel.get("percentage") else "normal", "group": "A"}
    if panel.get("dashes"):
        custom["lineStyle"] = {
            "fill": "dash",
            "dash": [panel.get("dashLength", 10), panel.get("spaceLength", 10)],
        }


def _axes(panel: dict[str, Any], defaults: dict[str, Any], custom: dict[str, Any]) -> None:
    yaxes = panel.get("yaxes")
    if not isinstance(yaxes, list) or not yaxes or not isinstance(yaxes[0], dict):
        return
    left = yaxes[0]
    defaults.setdefault("unit", left.get("format") or "short")
    for edge in ("min", "max"):
        value = number(left.get(edge))
        if value is not None:
            defaults.setdefault(edge, value)
    if left.get("label"):
        custom["axisLabel"] = left["label"]
    if left.get("show") is False:
        custom["axisPlacement"] = "hidden"
    if number(left.get("logBase")) in (2.0, 10.0):
        custom["scaleDistribution"] = {"type": "log", "log": int(number(left["logBase"]) or 10)}
    decimals = number(left.get("decimals", panel.get("decimals")))
    if decimals is not None:
        defaults.setdefault("decimals", int(decimals))


def _thresholds(panel: dict[str, Any], defaults: dict[str, Any], custom: dict[str, Any]) -> None:
    colors = {"critical": "red", "warning": "orange", "ok": "green"}
    lines = [t for t in panel.get("thresholds") or [] if isinstance(t, dict)]
    steps: list[dict[str, Any]] = []
    areas = False
    for line in sorted(lines, key=lambda t: number(t.get("value")) or 0.0):
        value = number(line.get("value"))
        if value is None:
            continue
        color = colors.get(str(line.get("colorMode")), line.get("lineColor") or "red")
        areas = areas or bool(line.get("fill"))
        if line.get("op") == "lt":
            steps = [{"color": color, "value": None}, {"color": "transparent", "value": value}]
        else:
            steps = steps or [{"color": "transparent", "value": None}]
            steps.append({"color": color, "value": value})
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        custom["thresholdsStyle"] = {"mode": "line+area" if areas else "line"}


def _aliases(panel: dict[str, Any], overrides: list[dict[str, Any]]) -> None:
    for alias, color in (panel.get("aliasColors") or {}).items():
        overrides.append(
            {
                "matcher": {"id": "byName", "options": alias},
                "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
            }
        )
    yaxes = panel.get("yaxes") or []
    right = yaxes[1] if len(yaxes) > 1 and isinstance(yaxes[1], dict) else {}
    for old in panel.get("seriesOverrides") or []:
        if not isinstance(old, dict) or not old.get("alias"):
            continue
        alias = str(old["alias"])
        regex = alias.startswith("/")
        properties = _override(old, right)
        if properties:
            overrides.append(
                {
                    "matcher": {"id": "byRegexp" if regex else "byName", "options": alias},
                    "properties": properties,
                }
            )


def _override(old: dict[str, Any], right: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def put(name: str, value: object) -> None:
        found.append({"id": name, "value": value})

    if old.get("yaxis") == 2:
        put("custom.axisPlacement", "right")
        if right.get("format"):
            put("unit", right["format"])
    if "color" in old:
        put("color", {"mode": "fixed", "fixedColor": old["color"]})
    if "fill" in old:
        put("custom.fillOpacity", (number(old["fill"]) or 0) * 10)
    if "linewidth" in old:
        put("custom.lineWidth", old["linewidth"])
    if old.get("bars"):
        put("custom.drawStyle", "bars")
    elif old.get("lines") is False:
        put("custom.drawStyle", "points" if old.get("points") else "line")
        if not old.get("points"):
            put("custom.lineWidth", 0)
    if old.get("transform") == "negative-Y":
        put("custom.transform", "negative-Y")
    if old.get("dashes"):
        put(
            "custom.lineStyle",
            {"fill": "dash", "dash": [old.get("dashLength", 10), old.get("spaceLength", 10)]},
        )
    if "stack" in old:
        put("custom.stacking", {"mode": "normal" if old["stack"] else "none", "group": str(old["stack"])})
    if old.get("hideTooltip") or old.get("legend") is False:
        put(
            "custom.hideFrom",
            {"legend": old.get("legend") is False, "tooltip": bool(old.get("hideTooltip")), "viz": False},
        )
    return found
