"""``node_uname_info``: kernel, machine and host name."""

from __future__ import annotations

import os
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

# Label -> file of /proc/sys/kernel that holds what uname(2) would answer.
FILES = {
    "sysname": "ostype",
    "release": "osrelease",
    "version": "version",
    "nodename": "hostname",
    "domainname": "domainname",
}
INFO = Family(
    "node_uname_info",
    "gauge",
    "Labeled system information as provided by the uname system call.",
    ("sysname", "release", "version", "machine", "nodename", "domainname"),
)


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> dict[str, str]:
    """The raw files, by label. The machine's architecture stands in no file."""
    raw = {label: read_text(procfs / "sys/kernel" / file) for label, file in FILES.items()}
    return {**raw, "machine": os.uname().machine}


def parse(raw: dict[str, str]) -> dict[str, str]:
    return {label: text.rstrip("\n") for label, text in raw.items()}


def describe(page: Page, names: dict[str, str]) -> None:
    page.add(INFO, 1, *(names[label] for label in INFO.labels))
