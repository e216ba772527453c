"""``node_time_*``: the system clock, its zone and the kernel's clock sources."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, entries, read_word
from vedette.exporters.page import Family, Page

SECONDS = Family("node_time_seconds", "gauge", "System time in seconds since epoch (1970).")
ZONE_OFFSET = Family(
    "node_time_zone_offset_seconds", "gauge", "System time zone offset in seconds.", ("time_zone",)
)
AVAILABLE = Family(
    "node_time_clocksource_available_info",
    "gauge",
    "Available clocksources read from '/sys/devices/system/clocksource'.",
    ("device", "clocksource"),
)
CURRENT = Family(
    "node_time_clocksource_current_info",
    "gauge",
    "Current clocksource read from '/sys/devices/system/clocksource'.",
    ("device", "clocksource"),
)


@dataclass(frozen=True)
class ClockSource:
    device: str
    available: tuple[str, ...]
    current: str


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        describe(page, time.time(), time.localtime(), parse(read(host.sysfs)))

    return collect


def read(sysfs: Path) -> dict[str, tuple[str, str]]:
    """Device number -> (available, current), as the files have them."""
    base = sysfs / "devices/system/clocksource"
    sources: dict[str, tuple[str, str]] = {}
    for name in entries(base):
        current = read_word(base / name / "current_clocksource")
        if name.startswith("clocksource") and current is not None:
            available = read_word(base / name / "available_clocksource") or ""
            sources[name.removeprefix("clocksource")] = (available, current)
    return sources


def parse(raw: dict[str, tuple[str, str]]) -> list[ClockSource]:
    return [ClockSource(device, tuple(all_.split()), current) for device, (all_, current) in raw.items()]


def describe(page: Page, now: float, local: time.struct_time, sources: list[ClockSource]) -> None:
    page.add(SECONDS, now)
    page.add(ZONE_OFFSET, local.tm_gmtoff or 0, local.tm_zone or "UTC")
    for source in sources:
        for name in source.available:
            page.add(AVAILABLE, 1, source.device, name)
        page.add(CURRENT, 1, source.device, source.current)
