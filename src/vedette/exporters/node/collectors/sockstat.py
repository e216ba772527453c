"""``node_sockstat_*`` from /proc/net/sockstat and sockstat6."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

USED = Family("node_sockstat_sockets_used", "gauge", "Number of IPv4 sockets in use.")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    """Both families' lines; a kernel without IPv6 has only the first."""
    text = read_text(procfs / "net/sockstat")
    try:
        return text + read_text(procfs / "net/sockstat6")
    except NoData:
        return text


def parse(text: str) -> dict[tuple[str, str], int]:
    """(protocol, state) -> count, from lines such as ``TCP: inuse 127 orphan 0``."""
    values: dict[tuple[str, str], int] = {}
    for line in text.splitlines():
        protocol, _, rest = line.partition(":")
        words = rest.split()
        for state, count in zip(words[::2], words[1::2], strict=True):
            values[protocol, state] = int(count)
    return values


def describe(page: Page, values: dict[tuple[str, str], int]) -> None:
    for (protocol, state), count in values.items():
        if protocol == "sockets":
            page.add(USED, count)
            continue
        page.add(_family(protocol, state), count)
        if state == "mem":  # the kernel counts pages
            page.add(_family(protocol, "mem_bytes"), count * PAGE_BYTES)


@cache
def _family(protocol: str, state: str) -> Family:
    return Family(
        f"node_sockstat_{protocol}_{state}", "gauge", f"Number of {protocol} sockets in state {state}."
    )
