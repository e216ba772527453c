"""`grafana-piechart-panel` (a plugin until Grafana 7) -> `piechart`."""

from __future__ import annotations

from typing import Any

from vedette.dashboards.model.legacy.common import defaults_of, part

_CALCS = {"current": "lastNotNull", "avg": "mean", "total": "sum", "min": "min", "max": "max"}


def old_piechart(panel: dict[str, Any]) -> None:
    """Rewrites `panel` in place."""
    panel["type"] = "piechart"
    defaults = defaults_of(panel)
    defaults.setdefault("unit", panel.get("format") or "short")
    legend = part(panel, "legend")
    panel["options"] = {
        "pieType": panel.get("pieType") or "pie",
        "reduceOptions": {
            "values": False,
            "calcs": [_CALCS.get(str(panel.get("valueName")), "lastNotNull")],
            "fields": "",
        },
        "legend": {
            "showLegend": bool(legend.get("show", True)),
            "displayMode": "table" if legend.get("values") else "list",
            "placement": "right" if "Right" in str(panel.get("legendType")) else "bottom",
            "values": [name for name in ("value", "percent") if legend.get("values")],
        },
    }
