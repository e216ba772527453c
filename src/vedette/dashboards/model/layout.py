"""Where panels stand: 24 columns, a unit of height is 30 px with an 8 px gap."""

from __future__ import annotations

import math
from typing import Any

COLUMNS = 24
DEFAULT_WIDTH = 12
DEFAULT_HEIGHT = 8
UNIT_PX = 38

# A panel that says nothing about its size takes what suits its kind: (width, height).
_SIZES = {
    "stat": (6, 4),
    "gauge": (6, 6),
    "text": (24, 4),
    "logs": (24, 10),
    "table": (24, 8),
    "row": (24, 1),
}


def place_panels(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gives every panel a `gridPos`; those without one flow, left to right, below those that have one.

    A document in which nobody has a place flows from the top in its own order.
    """
    placed = [panel for panel in panels if _has_place(panel)]
    bottom = max((p["gridPos"]["y"] + p["gridPos"]["h"] for p in placed), default=0)
    x, y, line_height = 0, bottom, 0
    for panel in panels:
        if _has_place(panel):
            grid = panel["gridPos"]
            grid["w"] = min(max(grid["w"], 1), COLUMNS)
            grid["x"] = min(max(grid["x"], 0), COLUMNS - grid["w"])
            continue
        width, height = _size(panel)
        if x + width > COLUMNS:
            x, y, line_height = 0, y + line_height, 0
        panel["gridPos"] = {"x": x, "y": y, "w": width, "h": height}
        x, line_height = x + width, max(line_height, height)
    for panel in panels:
        inner = panel.get("panels")
        if panel.get("type") == "row" and isinstance(inner, list):
            panel["panels"] = place_panels(inner)
    return sorted(panels, key=lambda p: (p["gridPos"]["y"], p["gridPos"]["x"]))


def rows_to_grid(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panels of `rows[]` (schema below 16) on the grid; row headers appear only where a row had a meaning."""
    show_headers = any(row.get("collapse") or row.get("showTitle") or row.get("repeat") for row in rows)
    panels: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        height = row_height(row.get("height"))
        children = [p for p in row.get("panels") or [] if isinstance(p, dict)]
        x = 0
        top = y + 1 if show_headers else y
        for panel in children:
            width = min(_span(panel.get("span")) * 2, COLUMNS)
            if x + width > COLUMNS:
                x, top = 0, top + height
            panel["gridPos"] = {
                "x": x,
                "y": top,
                "w": width,
                "h": row_height(panel.get("height")) if panel.get("height") else height,
            }
            x += width
        header = {
            "type": "row",
            "title": row.get("title") or "",
            "collapsed": bool(row.get("collapse")),
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": children if row.get("collapse") else [],
        }
        if row.get("repeat"):
            header["repeat"] = row["repeat"]
        if show_headers:
            panels.append(header)
        if row.get("collapse"):
            y += 1
        else:
            panels += children
            y = top + height
    return panels


def row_height(value: object) -> int:
    """Old pixel heights (`250px`, `250`) in grid units; 250 px when nothing is said."""
    try:
        pixels = float(str(value).removesuffix("px"))
    except ValueError:
        pixels = 250.0
    return math.ceil(max(pixels, 90.0) / UNIT_PX)


def _span(value: object) -> int:
    try:
        return max(1, min(12, int(float(value))))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 4


def _has_place(panel: dict[str, Any]) -> bool:
    grid = panel.get("gridPos")
    return isinstance(grid, dict) and all(isinstance(grid.get(key), int) for key in ("x", "y", "w", "h"))


def _size(panel: dict[str, Any]) -> tuple[int, int]:
    grid = panel.get("gridPos")
    given = grid if isinstance(grid, dict) else {}
    width, height = _SIZES.get(str(panel.get("type")), (DEFAULT_WIDTH, DEFAULT_HEIGHT))
    w, h = given.get("w"), given.get("h")
    return (
        w if isinstance(w, int) and 0 < w <= COLUMNS else width,
        h if isinstance(h, int) and h > 0 else height,
    )
