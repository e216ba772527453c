"""Boot time, context switches, forks, interrupts and the run queue, from /proc/stat."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

SINGLE = {
    "btime": Family("node_boot_time_seconds", "gauge", "Node boot time, in unixtime."),
    "ctxt": Family("node_context_switches_total", "counter", "Total number of context switches."),
    "processes": Family("node_forks_total", "counter", "Total number of forks."),
    "intr": Family("node_intr_total", "counter", "Total number of interrupts serviced."),
    "procs_running": Family("node_procs_running", "gauge", "Number of processes in runnable state."),
    "procs_blocked": Family(
        "node_procs_blocked", "gauge", "Number of processes blocked waiting for I/O to complete."
    ),
}
SOFTIRQS = Family("node_softirqs_total", "counter", "Number of softirq calls.", ("vector",))
SOFTIRQ_VECTORS = (
    "hi",
    "timer",
    "net_tx",
    "net_rx",
    "block",
    "block_iopoll",
    "tasklet",
    "sched",
    "hrtimer",
    "rcu",
)


@dataclass
class Stat:
    single: dict[str, int] = field(default_factory=dict)
    softirqs: list[int] = field(default_factory=list)  # by SOFTIRQ_VECTORS


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)), host.stat_softirq)


def read(procfs: Path) -> str:
    return read_text(procfs / "stat")


def parse(text: str) -> Stat:
    """The lines that aren't of a CPU; of `intr`, the total."""
    stat = Stat()
    for line in text.splitlines():
        key, _, rest = line.partition(" ")
        if key in SINGLE:
            stat.single[key] = int(rest.split(None, 1)[0])
        elif key == "softirq":
            stat.softirqs = [int(word) for word in rest.split()[1:]]
    return stat


def describe(page: Page, stat: Stat, softirq: bool) -> None:
    for key, value in stat.single.items():
        page.add(SINGLE[key], value)
    if softirq:
        for vector, value in zip(SOFTIRQ_VECTORS, stat.softirqs, strict=False):
            page.add(SOFTIRQS, value, vector)
