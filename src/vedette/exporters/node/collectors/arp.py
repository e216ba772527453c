"""``node_arp_entries``: neighbours by device, from /proc/net/arp."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

ENTRIES = Family("node_arp_entries", "gauge", "ARP entries by device", ("device",))


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "net/arp")


def parse(text: str) -> Counter[str]:
    """Device (the last column) -> number of lines."""
    return Counter(line.split()[-1] for line in text.splitlines()[1:] if line.strip())


def describe(page: Page, devices: Counter[str]) -> None:
    for device, count in sorted(devices.items()):
        page.add(ENTRIES, count, device)
