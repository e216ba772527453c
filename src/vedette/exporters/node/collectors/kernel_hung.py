"""``node_kernel_hung_tasks_total``: tasks that the kernel found hanging, since Linux 6.13."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

HUNG = Family("node_kernel_hung_tasks_total", "counter", "Total number of hung tasks since boot.")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "sys/kernel/hung_task_detect_count")


def parse(text: str) -> int:
    return int(text)


def describe(page: Page, count: int) -> None:
    page.add(HUNG, count)
