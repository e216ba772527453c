"""``node_netstat_<protocol>_<field>`` from /proc/net/{netstat,snmp,snmp6}."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

SNMP6_NAME = re.compile(r"(Ip6|Icmp6|Udp6|UdpLite6)(\w+)")


def collector(host: Host) -> Collect:
    chosen = cache(chooser(host.netstat_fields, ""))

    def collect(page: Page) -> None:
        tables, ipv6 = read(host.procfs)
        describe(page, {**parse_tables(tables), **parse_snmp6(ipv6)}, chosen)

    return collect


def read(procfs: Path) -> tuple[str, str]:
    """(netstat and snmp, snmp6). A kernel without IPv6 has no snmp6."""
    net = procfs / "net"
    tables = read_text(net / "netstat") + read_text(net / "snmp")
    try:
        return tables, read_text(net / "snmp6")
    except NoData:
        return tables, ""


def parse_tables(text: str) -> dict[tuple[str, str], int]:
    """(protocol, field) -> value, from pairs of lines: ``Tcp: InSegs OutSegs`` and ``Tcp: 12 34``."""
    values: dict[tuple[str, str], int] = {}
    lines = text.splitlines()
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        protocol, *fields = names.split()
        protocol_again, *counts = numbers.split()
        if protocol != protocol_again or len(fields) != len(counts):
            raise ValueError(f"fields and values of {protocol!r} don't fit together")
        for field, count in zip(fields, counts, strict=True):
            values[protocol.rstrip(":"), field] = int(count)
    return values


def parse_snmp6(text: str) -> dict[tuple[str, str], int]:
    """(protocol, field) -> value, from lines such as ``Ip6InOctets 8668``."""
    values: dict[tuple[str, str], int] = {}
    for line in text.splitlines():
        words = line.split()
        match = SNMP6_NAME.fullmatch(words[0]) if len(words) == 2 else None
        if match:
            values[match[1], match[2]] = int(words[1])
    return values


def describe(page: Page, values: dict[tuple[str, str], int], chosen: Callable[[str], bool]) -> None:
    for (protocol, field), value in values.items():
        if chosen(f"{protocol}_{field}"):
            page.add(_family(protocol, field), value)


@cache
def _family(protocol: str, field: str) -> Family:
    return Family(f"node_netstat_{protocol}_{field}", "untyped", f"Statistic {protocol}{field}.")
