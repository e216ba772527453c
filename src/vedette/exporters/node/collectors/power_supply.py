"""``node_power_supply_*``: batteries and mains from /sys/class/power_supply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, entries, read_number, read_word
from vedette.exporters.page import Family, Page

MICRO = 1e-6
# File -> (end of the metric's name, factor).
NUMBERS = {
    "capacity": ("capacity", 1.0),
    "charge_full": ("charge_full", MICRO),
    "charge_full_design": ("charge_full_design", MICRO),
    "charge_now": ("charge_ampere", MICRO),
    "current_now": ("current_ampere", MICRO),
    "cycle_count": ("cyclecount", 1.0),
    "energy_full": ("energy_full", MICRO),
    "energy_full_design": ("energy_full_design", MICRO),
    "energy_now": ("energy_watthour", MICRO),
    "online": ("online", 1.0),
    "power_now": ("power_watt", MICRO),
    "present": ("present", 1.0),
    "temp": ("temp_celsius", 0.1),
    "voltage_max": ("voltage_max", MICRO),
    "voltage_min_design": ("voltage_min_design", MICRO),
    "voltage_now": ("voltage_volt", MICRO),
}
WORDS = (
    "capacity_level",
    "manufacturer",
    "model_name",
    "serial_number",
    "status",
    "technology",
    "type",
)


@dataclass(frozen=True)
class Supply:
    name: str
    numbers: dict[str, int]  # by file
    words: dict[str, str]  # those there are


def collector(host: Host) -> Collect:
    return lambda page: describe(page, read(host.sysfs))


def read(sysfs: Path) -> list[Supply]:
    base = sysfs / "class/power_supply"
    supplies = [read_supply(base / name) for name in entries(base)]
    if not supplies:
        raise NoData("no power supplies")
    return supplies


def read_supply(directory: Path) -> Supply:
    numbers = ((file, read_number(directory / file)) for file in NUMBERS)
    words = ((file, read_word(directory / file)) for file in WORDS)
    return Supply(
        directory.name,
        {file: number for file, number in numbers if number is not None},
        {file: word for file, word in words if word},
    )


def describe(page: Page, supplies: list[Supply]) -> None:
    for supply in supplies:
        for file, number in supply.numbers.items():
            name, factor = NUMBERS[file]
            page.add(_family(name), number * factor, supply.name)
        page.add(INFO, 1, supply.name, *(supply.words.get(word, "") for word in WORDS))


@cache
def _family(name: str) -> Family:
    return Family(
        f"node_power_supply_{name}",
        "gauge",
        f"{name} value of /sys/class/power_supply/<power_supply>.",
        ("power_supply",),
    )


INFO = Family(
    "node_power_supply_info",
    "gauge",
    "info of /sys/class/power_supply/<power_supply>.",
    ("power_supply", *WORDS),
)
