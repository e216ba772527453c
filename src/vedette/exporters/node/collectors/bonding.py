"""``node_bonding_*``: network devices that are bundled, and how many of them work."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_word
from vedette.exporters.page import Family, Page

SLAVES = Family(
    "node_bonding_slaves", "gauge", "Number of configured slaves per bonding interface.", ("master",)
)
ACTIVE = Family("node_bonding_active", "gauge", "Number of active slaves per bonding interface.", ("master",))


def collector(host: Host) -> Collect:
    return lambda page: describe(page, read(host.sysfs))


def read(sysfs: Path) -> dict[str, list[str]]:
    """Master -> link state of each of its slaves."""
    net = sysfs / "class/net"
    masters = read_word(net / "bonding_masters")
    if masters is None:
        raise NoData("no bonding")
    return {
        master: [
            _link(net / master, slave) for slave in (read_word(net / master / "bonding/slaves") or "").split()
        ]
        for master in masters.split()
    }


def _link(master: Path, slave: str) -> str:
    for prefix in ("lower", "slave"):  # kernels call the link either
        state = read_word(master / f"{prefix}_{slave}" / "bonding_slave/mii_status")
        if state is not None:
            return state
    return ""


def describe(page: Page, masters: dict[str, list[str]]) -> None:
    for master, links in masters.items():
        page.add(SLAVES, len(links), master)
        page.add(ACTIVE, links.count("up"), master)
