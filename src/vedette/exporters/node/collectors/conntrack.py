"""Connection tracking from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

ENTRIES = Family(
    "node_nf_conntrack_entries",
    "gauge",
    "Number of currently allocated flow entries for connection tracking.",
)
LIMIT = Family("node_nf_conntrack_entries_limit", "gauge", "Maximum size of connection tracking table.")
# Column of nf_conntrack -> metric; a column counts events of one CPU.
STATISTICS = {
    "found": "Number of searched entries which were successful.",
    "invalid": "Number of packets seen which can not be tracked.",
    "ignore": "Number of packets seen which are already connected to a conntrack entry.",
    "insert": "Number of entries inserted into the list.",
    "insert_failed": "Number of entries for which list insertion was attempted but failed.",
    "drop": "Number of packets dropped due to conntrack failure.",
    "early_drop": "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
    "search_restart": "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
}
FAMILIES = {
    name: Family(f"node_nf_conntrack_stat_{name}", "gauge", help) for name, help in STATISTICS.items()
}


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        count, limit, statistics = read(host.procfs)
        describe(page, int(count), int(limit), parse(statistics))

    return collect


def read(procfs: Path) -> tuple[str, str, str]:
    """(count, limit, statistics table). The table is empty where only the counts are shown."""
    netfilter = procfs / "sys/net/netfilter"
    count, limit = read_text(netfilter / "nf_conntrack_count"), read_text(netfilter / "nf_conntrack_max")
    try:
        return count, limit, read_text(procfs / "net/stat/nf_conntrack")
    except NoData:
        return count, limit, ""


def parse(table: str) -> dict[str, int]:
    """Column -> sum over CPUs. Numbers are hexadecimal."""
    lines = table.splitlines()
    if not lines:
        return {}
    columns = lines[0].split()
    rows = [[int(word, 16) for word in line.split()] for line in lines[1:]]
    return {name: sum(row[column] for row in rows) for column, name in enumerate(columns) if name in FAMILIES}


def describe(page: Page, count: int, limit: int, statistics: dict[str, int]) -> None:
    page.add(ENTRIES, count)
    page.add(LIMIT, limit)
    for name, value in statistics.items():
        page.add(FAMILIES[name], value)
