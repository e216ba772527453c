"""What several old panels share: thresholds in a string, value maps, the legend's booleans."""

from __future__ import annotations

from typing import Any

DEFAULT_COLORS = ("green", "orange", "red")
_LEGEND_CALCS = (
    ("min", "min"),
    ("max", "max"),
    ("avg", "mean"),
    ("current", "lastNotNull"),
    ("total", "sum"),
)


def defaults_of(panel: dict[str, Any]) -> dict[str, Any]:
    """The panel's `fieldConfig.defaults`, made when absent."""
    config = panel.setdefault("fieldConfig", {})
    if not isinstance(config, dict):
        config = panel["fieldConfig"] = {}
    config.setdefault("overrides", [])
    defaults = config.setdefault("defaults", {})
    if not isinstance(defaults, dict):
        defaults = config["defaults"] = {}
    return defaults


def threshold_steps(text: object, colors: object) -> list[dict[str, Any]]:
    """`"70,90"` with three colours -> steps, the first from minus infinity."""
    palette = [str(c) for c in colors] if isinstance(colors, list) and colors else list(DEFAULT_COLORS)
    values: list[float] = []
    parts = text.split(",") if isinstance(text, str) else text if isinstance(text, list) else []
    for part in parts:
        try:
            values.append(float(part))
        except (TypeError, ValueError):
            continue
    steps: list[dict[str, Any]] = [{"color": palette[0], "value": None}]
    steps += [
        {"color": palette[min(i + 1, len(palette) - 1)], "value": value} for i, value in enumerate(values)
    ]
    return steps


def legend_options(legend: object) -> dict[str, Any]:
    """The old legend's booleans as `{showLegend, displayMode, placement, calcs}`."""
    old = legend if isinstance(legend, dict) else {}
    shows_values = bool(old.get("values"))
    calcs = [calc for key, calc in _LEGEND_CALCS if old.get(key)] if shows_values else []
    options: dict[str, Any] = {
        "showLegend": bool(old.get("show", True)),
        "displayMode": "table" if old.get("alignAsTable") else "list",
        "placement": "right" if old.get("rightSide") else "bottom",
        "calcs": calcs,
    }
    if old.get("sideWidth"):
        options["width"] = old["sideWidth"]
    sort = dict(_LEGEND_CALCS).get(str(old.get("sort")))
    if sort:
        options["sortBy"] = {"lastNotNull": "Last *", "mean": "Mean", "sum": "Total"}.get(sort, sort.title())
        options["sortDesc"] = bool(old.get("sortDesc"))
    return options


def part(panel: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at `key`, or an empty one."""
    value = panel.get(key)
    return value if isinstance(value, dict) else {}


def number(value: object) -> float | None:
    """Old files hold numbers as text; anything else is no number."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def migrate_mappings(panel: dict[str, Any]) -> None:
    """Value mappings of the numeric form `{type: 1, value, text}` in the typed form."""
    config = panel.get("fieldConfig")
    if not isinstance(config, dict) or not isinstance(config.get("defaults"), dict):
        return
    mappings = config["defaults"].get("mappings")
    if isinstance(mappings, list):
        config["defaults"]["mappings"] = [
            _mapping(m) for m in mappings if isinstance(m, dict) and m.get("type") is not None
        ]


def _mapping(old: dict[str, Any]) -> dict[str, Any]:
    if old.get("type") == 1:
        value = old.get("value")
        if str(value) == "null":
            return {"type": "special", "options": {"match": "null", "result": {"text": old.get("text")}}}
        return {"type": "value", "options": {str(value): {"text": old.get("text")}}}
    if old.get("type") == 2:
        return {
            "type": "range",
            "options": {
                "from": number(old.get("from")),
                "to": number(old.get("to")),
                "result": {"text": old.get("text")},
            },
        }
    return old


def mappings_from(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """`valueMaps` and `rangeMaps` of a singlestat as typed mappings; "null" means no value."""
    values = [m for m in panel.get("valueMaps") or [] if isinstance(m, dict)]
    ranges = [m for m in panel.get("rangeMaps") or [] if isinstance(m, dict)]
    found = [_mapping({**m, "type": 1}) for m in values if m.get("text") not in (None, "")]
    found += [_mapping({**m, "type": 2}) for m in ranges if m.get("from") not in (None, "null")]
    return found
