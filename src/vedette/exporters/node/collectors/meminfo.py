"""``node_memory_*`` from /proc/meminfo: one gauge a line, named after the line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "meminfo")


def parse(text: str) -> dict[str, int]:
    """Metric name without prefix -> value: ``Active(anon): 8 kB`` becomes ``Active_anon_bytes`` 8192."""
    memory: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if not words:
            continue
        name = name.replace("(", "_").replace(")", "")
        if len(words) == 2 and words[1] == "kB":
            memory[name + "_bytes"] = int(words[0]) * 1024
        elif len(words) == 1:
            memory[name] = int(words[0])
        else:
            raise ValueError(f"unexpected line in meminfo: {line!r}")
    return memory


def describe(page: Page, memory: dict[str, int]) -> None:
    for name, value in memory.items():
        page.add(_family(name), value)


@cache
def _family(name: str) -> Family:
    return Family(f"node_memory_{name}", "gauge", f"Memory information field {name}.")
