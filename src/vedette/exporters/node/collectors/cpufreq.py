"""CPU frequencies and governors from /sys/devices/system/cpu/cpu*/cpufreq."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, entries, read_number, read_word
from vedette.exporters.page import Family, Page

# File (kilohertz) -> metric.
FREQUENCIES = {
    "cpuinfo_cur_freq": Family(
        "node_cpu_frequency_hertz", "gauge", "Current CPU thread frequency in hertz.", ("cpu",)
    ),
    "cpuinfo_min_freq": Family(
        "node_cpu_frequency_min_hertz", "gauge", "Minimum CPU thread frequency in hertz.", ("cpu",)
    ),
    "cpuinfo_max_freq": Family(
        "node_cpu_frequency_max_hertz", "gauge", "Maximum CPU thread frequency in hertz.", ("cpu",)
    ),
    "scaling_cur_freq": Family(
        "node_cpu_scaling_frequency_hertz", "gauge", "Current scaled CPU thread frequency in hertz.", ("cpu",)
    ),
    "scaling_min_freq": Family(
        "node_cpu_scaling_frequency_min_hertz",
        "gauge",
        "Minimum scaled CPU thread frequency in hertz.",
        ("cpu",),
    ),
    "scaling_max_freq": Family(
        "node_cpu_scaling_frequency_max_hertz",
        "gauge",
        "Maximum scaled CPU thread frequency in hertz.",
        ("cpu",),
    ),
}
GOVERNOR = Family(
    "node_cpu_scaling_governor", "gauge", "Current enabled CPU frequency governor.", ("cpu", "governor")
)


@dataclass(frozen=True)
class Frequency:
    cpu: str
    kilohertz: dict[str, int]  # by file
    governor: str
    governors: tuple[str, ...]


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        frequencies = read(host.sysfs)
        if not frequencies:
            raise NoData("no CPU frequency driver")
        describe(page, frequencies)

    return collect


def read(sysfs: Path) -> list[Frequency]:
    found: list[Frequency] = []
    base = sysfs / "devices/system/cpu"
    for name in entries(base):
        directory = base / name / "cpufreq"
        if not name[3:].isdigit() or not entries(directory):
            continue
        numbers = ((file, read_number(directory / file)) for file in FREQUENCIES)
        found.append(
            Frequency(
                name[3:],
                {file: number for file, number in numbers if number is not None},
                read_word(directory / "scaling_governor") or "",
                tuple((read_word(directory / "scaling_available_governors") or "").split()),
            )
        )
    return found


def describe(page: Page, frequencies: list[Frequency]) -> None:
    for frequency in frequencies:
        for file, value in frequency.kilohertz.items():
            page.add(FREQUENCIES[file], value * 1000, frequency.cpu)
        for governor in frequency.governors:
            page.add(GOVERNOR, int(governor == frequency.governor), frequency.cpu, governor)
