"""``node_processes_*``: processes and threads by state. Off by default: it reads every process."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_number
from vedette.exporters.page import Family, Page

THREADS = Family("node_processes_threads", "gauge", "Allocated threads in system")
MAX_THREADS = Family("node_processes_max_threads", "gauge", "Limit of threads in the system")
STATES = Family("node_processes_state", "gauge", "Number of processes in each state.", ("state",))
PIDS = Family("node_processes_pids", "gauge", "Number of PIDs")
MAX_PROCESSES = Family("node_processes_max_processes", "gauge", "Number of max PIDs limit")


@dataclass
class Processes:
    threads: int = 0
    states: Counter[str] = field(default_factory=Counter)
    max_threads: int | None = None
    max_processes: int | None = None


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs), host.procfs))


def read(procfs: Path) -> list[str]:
    """/proc/PID/stat of every process that lives long enough to be read."""
    texts: list[str] = []
    for name in os.listdir(procfs):
        if name.isdigit():
            try:
                with open(f"{procfs}/{name}/stat", "rb", buffering=0) as file:
                    texts.append(file.read().decode("utf-8", "replace"))
            except OSError:
                continue
    return texts


def parse(texts: list[str], procfs: Path) -> Processes:
    found = Processes(
        max_threads=read_number(procfs / "sys/kernel/threads-max"),
        max_processes=read_number(procfs / "sys/kernel/pid_max"),
    )
    for text in texts:
        fields = text[text.rindex(")") + 2 :].split()  # the name before it may hold anything
        found.states[fields[0]] += 1
        found.threads += int(fields[17])
    return found


def describe(page: Page, found: Processes) -> None:
    page.add(THREADS, found.threads)
    page.add(PIDS, found.states.total())
    for state, count in sorted(found.states.items()):
        page.add(STATES, count, state)
    if found.max_threads is not None:
        page.add(MAX_THREADS, found.max_threads)
    if found.max_processes is not None:
        page.add(MAX_PROCESSES, found.max_processes)
