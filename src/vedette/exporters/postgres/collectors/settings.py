"""``pg_settings_*``: every setting that is a number or a switch, in base units. Of the server: not what our own session has set."""

from __future__ import annotations

import re
from functools import cache

from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server

SQL = """
    SELECT name, CASE WHEN source = 'session' THEN reset_val ELSE setting END, unit, vartype
    FROM pg_settings
    WHERE vartype IN ('bool', 'integer', 'real')
"""
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
BYTE_UNIT = re.compile(r"(\d*)([kMGT]?B)")


def base_unit(unit: str | None) -> tuple[str, float]:
    """(base unit or nothing, factor to it): ``8kB`` -> (``bytes``, 8192). `ValueError` for one we don't know."""
    if not unit:
        return "", 1
    if unit in SECONDS:
        return "seconds", SECONDS[unit]
    match = BYTE_UNIT.fullmatch(unit)
    if match is None:
        raise ValueError(f"unknown unit {unit!r}")
    return "bytes", int(match[1] or 1) * BYTES[match[2]]


def describe(page: Page, rows: Rows, server: Server) -> None:
    for name, setting, unit, kind in rows:
        if kind == "bool":
            page.add(_family(name, ""), int(setting == "on"))
            continue
        base, factor = base_unit(unit)
        value = float(setting)
        # -1 means "off" or "as another setting", whatever the unit.
        page.add(_family(name, base), value if value == -1 else value * factor)


@cache
def _family(name: str, base: str) -> Family:
    suffix, note = (f"_{base}", f" [Units converted to {base}.]") if base else ("", "")
    return Family(f"pg_settings_{name.replace('.', '_')}{suffix}", "gauge", f"Server Parameter: {name}{note}")


COLLECTOR = Collector("settings", lambda server: SQL, describe)
