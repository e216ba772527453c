"""``node_network_{receive,transmit}_*_total``: traffic by network device."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, read_number, read_text
from vedette.exporters.page import Family, Page

# The order of /proc/net/dev.
RECEIVE = ("bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast")
TRANSMIT = ("bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed")
COLUMNS = tuple(f"receive_{name}" for name in RECEIVE) + tuple(f"transmit_{name}" for name in TRANSMIT)


@cache
def _family(statistic: str) -> Family:
    return Family(
        f"node_network_{statistic}_total", "counter", f"Network device statistic {statistic}.", ("device",)
    )


FAMILIES = tuple(map(_family, COLUMNS))
NOHANDLER = _family("receive_nohandler")


def collector(host: Host) -> Collect:
    chosen = chooser(host.netdev_include, host.netdev_exclude)

    def collect(page: Page) -> None:
        devices = parse(read(host.procfs), chosen)
        describe(page, devices)
        for device in devices:
            # The one number that only sysfs has.
            unhandled = read_number(host.sysfs / "class/net" / device / "statistics/rx_nohandler")
            if unhandled is not None:
                page.add(NOHANDLER, unhandled, device)

    return collect


def read(procfs: Path) -> str:
    return read_text(procfs / "net/dev")


def parse(text: str, chosen: Callable[[str], bool]) -> dict[str, list[int]]:
    """Device -> its COLUMNS. Chosen devices only."""
    devices: dict[str, list[int]] = {}
    for line in text.splitlines()[2:]:
        name, _, numbers = line.rpartition(":")
        name = name.strip()
        if name and chosen(name):
            devices[name] = [int(word) for word in numbers.split()]
    return devices


def describe(page: Page, devices: dict[str, list[int]]) -> None:
    for device, values in devices.items():
        for family, value in zip(FAMILIES, values, strict=False):
            page.add(family, value, device)
