"""``node_load1``, ``node_load5``, ``node_load15`` from /proc/loadavg."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

LOAD1 = Family("node_load1", "gauge", "1m load average.")
LOAD5 = Family("node_load5", "gauge", "5m load average.")
LOAD15 = Family("node_load15", "gauge", "15m load average.")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "loadavg")


def parse(text: str) -> tuple[float, float, float]:
    """The three averages. `ValueError` when the file isn't a loadavg."""
    one, five, fifteen = map(float, text.split()[:3])
    return one, five, fifteen


def describe(page: Page, loads: tuple[float, float, float]) -> None:
    for family, load in zip((LOAD1, LOAD5, LOAD15), loads, strict=True):
        page.add(family, load)
