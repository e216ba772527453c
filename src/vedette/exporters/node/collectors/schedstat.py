"""``node_schedstat_*`` from /proc/schedstat: time running, time waiting for a CPU, time slices, by CPU."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

RUNNING = Family(
    "node_schedstat_running_seconds_total",
    "counter",
    "Number of seconds CPU spent running a process.",
    ("cpu",),
)
WAITING = Family(
    "node_schedstat_waiting_seconds_total",
    "counter",
    "Number of seconds spent by processing waiting for this CPU.",
    ("cpu",),
)
TIMESLICES = Family(
    "node_schedstat_timeslices_total", "counter", "Number of timeslices executed by CPU.", ("cpu",)
)


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "schedstat")


def parse(text: str) -> dict[str, tuple[int, int, int]]:
    """CPU -> (nanoseconds running, nanoseconds waiting, time slices): the last three of nine numbers."""
    cpus: dict[str, tuple[int, int, int]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 10 and words[0].startswith("cpu"):
            cpus[words[0][3:]] = (int(words[7]), int(words[8]), int(words[9]))
    return cpus


def describe(page: Page, cpus: dict[str, tuple[int, int, int]]) -> None:
    for cpu, (running, waiting, slices) in cpus.items():
        page.add(RUNNING, running / 1e9, cpu)
        page.add(WAITING, waiting / 1e9, cpu)
        page.add(TIMESLICES, slices, cpu)
