"""Panels of older Grafana releases in their present-day form; one panel type a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vedette.dashboards.model.legacy.common import migrate_mappings
from vedette.dashboards.model.legacy.graph import graph_to_timeseries
from vedette.dashboards.model.legacy.piechart import old_piechart
from vedette.dashboards.model.legacy.singlestat import singlestat_to_stat
from vedette.dashboards.model.legacy.table_old import old_table
from vedette.dashboards.model.legacy.text import old_text

_MIGRATIONS: dict[str, Callable[[dict[str, Any]], None]] = {
    "graph": graph_to_timeseries,
    "singlestat": singlestat_to_stat,
    "grafana-singlestat-panel": singlestat_to_stat,
    "grafana-piechart-panel": old_piechart,
    "table-old": old_table,
    "table": old_table,
    "text": old_text,
}


def modernise(panel: dict[str, Any]) -> None:
    """Brings `panel` up to date in place; panels of present-day types are left alone."""
    migrate = _MIGRATIONS.get(str(panel.get("type")))
    if migrate is not None:
        migrate(panel)
    migrate_mappings(panel)
