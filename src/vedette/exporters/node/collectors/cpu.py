"""CPU time by mode from /proc/stat; throttling and isolation from /sys/devices/system/cpu; model on request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, entries, read_number, read_text, read_word
from vedette.exporters.page import Family, Page

SECONDS = Family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", ("cpu", "mode"))
GUEST = Family(
    "node_cpu_guest_seconds_total",
    "counter",
    "Seconds the CPUs spent in guests (VMs) for each mode.",
    ("cpu", "mode"),
)
CORE_THROTTLES = Family(
    "node_cpu_core_throttles_total",
    "counter",
    "Number of times this CPU core has been throttled.",
    ("package", "core"),
)
PACKAGE_THROTTLES = Family(
    "node_cpu_package_throttles_total",
    "counter",
    "Number of times this CPU package has been throttled.",
    ("package",),
)
ISOLATED = Family(
    "node_cpu_isolated",
    "gauge",
    "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
    ("cpu",),
)
INFO = Family(
    "node_cpu_info",
    "gauge",
    "CPU information from /proc/cpuinfo.",
    (
        "package",
        "core",
        "cpu",
        "vendor",
        "family",
        "model",
        "model_name",
        "microcode",
        "stepping",
        "cachesize",
    ),
)

MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")  # the order of /proc/stat
IDLE = MODES.index("idle")
GUEST_MODES = ("user", "nice")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Idle time that went back by more than this means that the CPU was unplugged and is back: its counters start anew.
JUMP_BACK_TICKS = 3 * TICKS_PER_SECOND

Ticks = list[int]  # MODES, then guest and guest_nice


def collector(host: Host) -> Collect:
    counters = MonotonicTicks()

    def collect(page: Page) -> None:
        describe_seconds(page, counters.update(parse(read(host.procfs))), host.cpu_guest)
        describe_throttles(page, read_throttles(host.sysfs))
        isolated = read_word(host.sysfs / "devices/system/cpu/isolated")
        for cpu in parse_cpu_list(isolated or ""):
            page.add(ISOLATED, 1, str(cpu))
        if host.cpu_info:
            describe_info(page, parse_cpuinfo(read_text(host.procfs / "cpuinfo")))

    return collect


def read(procfs: Path) -> str:
    return read_text(procfs / "stat")


def parse(text: str) -> dict[str, Ticks]:
    """CPU number -> ticks by mode. The line of all CPUs together is left out."""
    cpus: dict[str, Ticks] = {}
    for line in text.splitlines():
        if not line.startswith("cpu"):
            break  # the kernel writes the CPUs first
        name, *words = line.split()
        if name == "cpu":
            continue
        ticks = [int(word) for word in words[: len(MODES) + 2]]
        cpus[name[3:]] = ticks + [0] * (len(MODES) + 2 - len(ticks))
    return cpus


class MonotonicTicks:
    """Keeps counters from going back: the kernel's idle and iowait do, by a little, on tickless CPUs."""

    def __init__(self) -> None:
        self._cpus: dict[str, Ticks] = {}

    def update(self, seen: dict[str, Ticks]) -> dict[str, Ticks]:
        kept: dict[str, Ticks] = {}
        for cpu, ticks in seen.items():
            before = self._cpus.get(cpu)
            if before is None or before[IDLE] - ticks[IDLE] > JUMP_BACK_TICKS:
                kept[cpu] = ticks
            else:
                kept[cpu] = [max(old, new) for old, new in zip(before, ticks, strict=True)]
        self._cpus = kept
        return kept


def describe_seconds(page: Page, cpus: dict[str, Ticks], guest: bool) -> None:
    for cpu, ticks in cpus.items():
        for mode, count in zip(MODES, ticks, strict=False):
            page.add(SECONDS, count / TICKS_PER_SECOND, cpu, mode)
        if guest:
            for mode, count in zip(GUEST_MODES, ticks[len(MODES) :], strict=True):
                page.add(GUEST, count / TICKS_PER_SECOND, cpu, mode)


@dataclass
class Throttles:
    cores: dict[tuple[str, str], int]  # (package, core) -> count
    packages: dict[str, int]


def read_throttles(sysfs: Path) -> Throttles:
    """Counts by core and package; hyper-threads of one core report the same number, which is kept once."""
    throttles = Throttles({}, {})
    base = sysfs / "devices/system/cpu"
    for name in entries(base):
        if not (name.startswith("cpu") and name[3:].isdigit()):
            continue
        package = read_word(base / name / "topology/physical_package_id")
        core = read_word(base / name / "topology/core_id")
        if package is None or core is None:
            continue
        by_core = read_number(base / name / "thermal_throttle/core_throttle_count")
        if by_core is not None:
            throttles.cores.setdefault((package, core), by_core)
        by_package = read_number(base / name / "thermal_throttle/package_throttle_count")
        if by_package is not None:
            throttles.packages.setdefault(package, by_package)
    return throttles


def describe_throttles(page: Page, throttles: Throttles) -> None:
    for (package, core), count in throttles.cores.items():
        page.add(CORE_THROTTLES, count, package, core)
    for package, count in throttles.packages.items():
        page.add(PACKAGE_THROTTLES, count, package)


def parse_cpu_list(text: str) -> Iterable[int]:
    """``0,2-4`` -> 0 2 3 4."""
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first:
            yield from range(int(first), int(last or first) + 1)


def parse_cpuinfo(text: str) -> list[dict[str, str]]:
    """One dict of /proc/cpuinfo's keys a processor."""
    processors: list[dict[str, str]] = []
    for block in text.strip().split("\n\n"):
        fields = (line.partition(":") for line in block.splitlines())
        processors.append({key.strip(): value.strip() for key, _, value in fields})
    return [processor for processor in processors if "processor" in processor]


def describe_info(page: Page, processors: list[dict[str, str]]) -> None:
    keys = (
        "physical id",
        "core id",
        "processor",
        "vendor_id",
        "cpu family",
        "model",
        "model name",
        "microcode",
        "stepping",
        "cache size",
    )
    for processor in processors:
        page.add(INFO, 1, *(processor.get(key, "") for key in keys))
