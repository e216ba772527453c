"""``node_udp_queues``: bytes waiting in UDP sockets, from /proc/net/udp and udp6."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

QUEUES = Family(
    "node_udp_queues",
    "gauge",
    "Number of allocated memory in the kernel for UDP datagrams in bytes.",
    ("queue", "ip"),
)


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        for ip, text in read(host.procfs).items():
            describe(page, ip, *parse(text))

    return collect


def read(procfs: Path) -> dict[str, str]:
    """``v4`` and ``v6`` -> the socket table, of those that the kernel has."""
    tables: dict[str, str] = {}
    for ip, file in (("v4", "net/udp"), ("v6", "net/udp6")):
        try:
            tables[ip] = read_text(procfs / file)
        except NoData:
            continue
    if not tables:
        raise NoData("no UDP tables")
    return tables


def parse(text: str) -> tuple[int, int]:
    """(bytes to send, bytes received) over all sockets; the fifth column is ``tx:rx`` in hexadecimal."""
    transmit = receive = 0
    for line in text.splitlines()[1:]:
        tx, _, rx = line.split()[4].partition(":")
        transmit += int(tx, 16)
        receive += int(rx, 16)
    return transmit, receive


def describe(page: Page, ip: str, transmit: int, receive: int) -> None:
    page.add(QUEUES, transmit, "tx", ip)
    page.add(QUEUES, receive, "rx", ip)
