"""``node_softnet_*`` from /proc/net/softnet_stat: packet processing by CPU."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page


def _counter(name: str, help: str) -> Family:
    return Family(f"node_softnet_{name}_total", "counter", help, ("cpu",))


# Column of the file -> metric. Newer kernels have more columns.
COLUMNS = {
    0: _counter("processed", "Number of processed packets"),
    1: _counter("dropped", "Number of dropped packets"),
    2: _counter("times_squeezed", "Number of times processing packets ran out of quota"),
    8: _counter("cpu_collision", "Number of collision occur while obtaining device lock while transmitting"),
    9: _counter("received_rps", "Number of times cpu woken up received_rps"),
    10: _counter("flow_limit_count", "Number of times flow limit has been reached"),
    11: Family("node_softnet_backlog_len", "gauge", "Softnet backlog status", ("cpu",)),
}
CPU_COLUMN = 12


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> str:
    return read_text(procfs / "net/softnet_stat")


def parse(text: str) -> dict[int, list[int]]:
    """CPU -> columns. The file leaves offline CPUs out, so the number is its own column where there is one."""
    cpus: dict[int, list[int]] = {}
    for row, line in enumerate(text.splitlines()):
        columns = [int(word, 16) for word in line.split()]
        cpus[columns[CPU_COLUMN] if len(columns) > CPU_COLUMN else row] = columns
    return cpus


def describe(page: Page, cpus: dict[int, list[int]]) -> None:
    for cpu, columns in cpus.items():
        for column, family in COLUMNS.items():
            if column < len(columns):
                page.add(family, columns[column], str(cpu))
