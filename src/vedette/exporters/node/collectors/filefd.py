"""Open file descriptors of the whole machine, from /proc/sys/fs/file-nr."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

ALLOCATED = Family("node_filefd_allocated", "gauge", "File descriptor statistics: allocated.")
MAXIMUM = Family("node_filefd_maximum", "gauge", "File descriptor statistics: maximum.")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "sys/fs/file-nr")


def parse(text: str) -> tuple[int, int]:
    """(allocated, maximum); the middle number is 0 on every kernel since 2.6."""
    allocated, _, maximum = text.split()
    return int(allocated), int(maximum)


def describe(page: Page, descriptors: tuple[int, int]) -> None:
    page.add(ALLOCATED, descriptors[0])
    page.add(MAXIMUM, descriptors[1])
