"""The kernel's entropy pool, from /proc/sys/kernel/random."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

AVAILABLE = Family("node_entropy_available_bits", "gauge", "Bits of available entropy.")
POOL_SIZE = Family("node_entropy_pool_size_bits", "gauge", "Bits of entropy pool.")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, *map(parse, read(host.procfs)))


def read(procfs: Path) -> tuple[str, str]:
    random = procfs / "sys/kernel/random"
    return read_text(random / "entropy_avail"), read_text(random / "poolsize")


def parse(text: str) -> int:
    return int(text)


def describe(page: Page, available: int, pool_size: int) -> None:
    page.add(AVAILABLE, available)
    page.add(POOL_SIZE, pool_size)
