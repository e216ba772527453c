"""``node_vmstat_*`` from /proc/vmstat: the fields that ``--collector.vmstat.fields`` chooses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page


def collector(host: Host) -> Collect:
    chosen = cache(chooser(host.vmstat_fields, ""))
    return lambda page: describe(page, parse(read(host.procfs), chosen))


def read(procfs: Path) -> str:
    return read_text(procfs / "vmstat")


def parse(text: str, chosen: Callable[[str], bool]) -> dict[str, int]:
    """Field -> value, chosen fields only."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and chosen(pair[0])}


def describe(page: Page, fields: dict[str, int]) -> None:
    for name, value in fields.items():
        page.add(_family(name), value)


@cache
def _family(name: str) -> Family:
    return Family(f"node_vmstat_{name}", "untyped", f"/proc/vmstat information field {name}.")
