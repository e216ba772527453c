"""``node_hwmon_*``: temperatures, fans, voltages and more from /sys/class/hwmon."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, entries, read_number, read_word
from vedette.exporters.page import Family, Page

FILE = re.compile(r"(curr|energy|fan|freq|humidity|in|intrusion|power|pwm|temp)(\d+)(?:_(\w+))?")
NOT_IN_NAMES = re.compile(r"[^a-z0-9:_]")
CHIP_NAME = Family(
    "node_hwmon_chip_names",
    "gauge",
    "Annotation metric for human-readable chip names",
    ("chip", "chip_name"),
)
LABEL = Family(
    "node_hwmon_sensor_label", "gauge", "Label for given chip and sensor", ("chip", "sensor", "label")
)


@dataclass(frozen=True)
class Unit:
    """How the kernel's number becomes the metric's: kind of sensor -> ending of the name, factor, words."""

    suffix: str
    factor: float
    words: str
    kind: str = "gauge"


UNITS: Mapping[str, Unit] = {
    "temp": Unit("celsius", 1e-3, "temperature"),
    "in": Unit("volts", 1e-3, "voltage"),
    "curr": Unit("amps", 1e-3, "current"),
    "fan": Unit("rpm", 1, "fan revolutions per minute"),
    "power": Unit("watt", 1e-6, "power usage in watts"),
    "energy": Unit("joule_total", 1e-6, "joules used so far", "counter"),
    "humidity": Unit("humidity", 1e-6, "humidity"),
    "freq": Unit("freq_mhz", 1e-6, "GPU frequency in MHz"),
}
# Properties without a unit, whatever the sensor measures.
BARE = {"alarm", "beep", "beep_enabled", "fault", "manual", "output", "pulses", "tolerance", "type", "enable"}


@dataclass(frozen=True)
class Chip:
    id: str
    name: str
    values: Mapping[tuple[str, str, str], int]  # (kind, sensor, property) -> the kernel's number
    labels: Mapping[str, str]  # by sensor


def collector(host: Host) -> Collect:
    return lambda page: describe(page, read(host.sysfs))


def read(sysfs: Path) -> list[Chip]:
    base = sysfs / "class/hwmon"
    chips = [read_chip(base / name) for name in entries(base)]
    if not chips:
        raise NoData("no hardware monitors")
    return chips


def read_chip(directory: Path) -> Chip:
    name = read_word(directory / "name") or ""
    values: dict[tuple[str, str, str], int] = {}
    labels: dict[str, str] = {}
    for place in (directory, directory / "device"):  # older drivers keep their files there
        for file in entries(place):
            match = FILE.fullmatch(file)
            if match is None:
                continue
            kind, number, what = match[1], match[2], match[3] or ""
            sensor = kind + number
            if what == "label":
                labels[sensor] = read_word(place / file) or ""
                continue
            value = read_number(place / file)
            if value is not None:
                values.setdefault((kind, sensor, what), value)
    return Chip(chip_id(directory, name), name, values, labels)


def chip_id(directory: Path, name: str) -> str:
    """From the device behind it, such as ``platform_coretemp_0``: numbers of hwmon change between boots."""
    device = Path(os.path.realpath(directory / "device"))
    if (directory / "device").exists():
        kind, instance = clean(device.parent.name), clean(device.name)
        if kind and instance:
            return f"{kind}_{instance}"
    return clean(name) or clean(directory.name)


def clean(text: str) -> str:
    return NOT_IN_NAMES.sub("_", text.lower()).strip("_")


def describe(page: Page, chips: list[Chip]) -> None:
    for chip in chips:
        if chip.name:
            page.add(CHIP_NAME, 1, chip.id, chip.name)
        for sensor, label in chip.labels.items():
            page.add(LABEL, 1, chip.id, sensor, label)
        for (kind, sensor, what), value in chip.values.items():
            family, factor = _family(kind, what)
            page.add(family, value * factor, chip.id, sensor)


@cache
def _family(kind: str, what: str) -> tuple[Family, float]:
    labels = ("chip", "sensor")
    unit = UNITS.get(kind)
    element = f"_{clean(what)}" if what and what != "input" else ""
    if unit is None or what in BARE:
        help = f"Hardware monitor {kind} element {what}" if what else f"Hardware monitor {kind} element "
        return Family(f"node_hwmon_{kind}{element}", "gauge", help, labels), 1
    help = f"Hardware monitor for {unit.words} ({what or 'input'})"
    return Family(f"node_hwmon_{kind}{element}_{unit.suffix}", unit.kind, help, labels), unit.factor
