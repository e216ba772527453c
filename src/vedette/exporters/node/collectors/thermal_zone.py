"""Temperatures and cooling devices from /sys/class/thermal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, entries, read_number, read_word
from vedette.exporters.page import Family, Page

TEMPERATURE = Family("node_thermal_zone_temp", "gauge", "Zone temperature in Celsius", ("zone", "type"))
CURRENT = Family(
    "node_cooling_device_cur_state",
    "gauge",
    "Current throttle state of the cooling device",
    ("name", "type"),
)
MAXIMUM = Family(
    "node_cooling_device_max_state",
    "gauge",
    "Maximum throttle state of the cooling device",
    ("name", "type"),
)


@dataclass(frozen=True)
class Zone:
    number: str
    kind: str
    millidegrees: int


@dataclass(frozen=True)
class Cooling:
    number: str
    kind: str
    current: int
    maximum: int


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        zones, coolings = read(host.sysfs)
        if not zones and not coolings:
            raise NoData("no thermal zones")
        describe(page, zones, coolings)

    return collect


def read(sysfs: Path) -> tuple[list[Zone], list[Cooling]]:
    """What could be read: a sensor that is asleep answers with an error and is left out."""
    zones: list[Zone] = []
    coolings: list[Cooling] = []
    base = sysfs / "class/thermal"
    for name in entries(base):
        kind = read_word(base / name / "type") or ""
        if name.startswith("thermal_zone"):
            temperature = read_number(base / name / "temp")
            if temperature is not None:
                zones.append(Zone(name.removeprefix("thermal_zone"), kind, temperature))
        elif name.startswith("cooling_device"):
            current, maximum = read_number(base / name / "cur_state"), read_number(base / name / "max_state")
            if current is not None and maximum is not None:
                coolings.append(Cooling(name.removeprefix("cooling_device"), kind, current, maximum))
    return zones, coolings


def describe(page: Page, zones: list[Zone], coolings: list[Cooling]) -> None:
    for zone in zones:
        page.add(TEMPERATURE, zone.millidegrees / 1000, zone.number, zone.kind)
    for cooling in coolings:
        page.add(CURRENT, cooling.current, cooling.number, cooling.kind)
        page.add(MAXIMUM, cooling.maximum, cooling.number, cooling.kind)
