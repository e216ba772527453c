"""Pressure stall information from /proc/pressure: how long work waited for CPU, memory, IO, interrupts."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page


def _family(resource: str, what: str, help: str) -> Family:
    return Family(f"node_pressure_{resource}_{what}_seconds_total", "counter", help)


# (resource, line of its file) -> metric. A CPU is never wholly stalled, and interrupts only stall.
FAMILIES = {
    ("cpu", "some"): _family(
        "cpu", "waiting", "Total time in seconds that processes have waited for CPU time"
    ),
    ("io", "some"): _family(
        "io", "waiting", "Total time in seconds that processes have waited due to IO congestion"
    ),
    ("io", "full"): _family(
        "io", "stalled", "Total time in seconds no process could make progress due to IO congestion"
    ),
    ("memory", "some"): _family(
        "memory", "waiting", "Total time in seconds that processes have waited for memory"
    ),
    ("memory", "full"): _family(
        "memory", "stalled", "Total time in seconds no process could make progress due to memory congestion"
    ),
    ("irq", "full"): _family(
        "irq", "stalled", "Total time in seconds no process could make progress due to IRQ congestion"
    ),
}
RESOURCES = ("cpu", "io", "memory", "irq")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.procfs)))


def read(procfs: Path) -> dict[str, str]:
    """Resource -> its file. `NoData` on a kernel without pressure information; interrupts came later than it."""
    texts: dict[str, str] = {}
    for resource in RESOURCES:
        try:
            texts[resource] = read_text(procfs / "pressure" / resource)
        except NoData:
            continue
        except OSError as error:  # built in, but not switched on (psi=0)
            raise NoData(f"{procfs}/pressure/{resource}: {error.strerror}") from error
    if not texts:
        raise NoData(f"{procfs}/pressure is absent")
    return texts


def parse(texts: dict[str, str]) -> dict[tuple[str, str], int]:
    """(resource, ``some`` or ``full``) -> total microseconds."""
    totals: dict[tuple[str, str], int] = {}
    for resource, text in texts.items():
        for line in text.splitlines():
            kind, *_averages, total = line.split()
            totals[resource, kind] = int(total.removeprefix("total="))
    return totals


def describe(page: Page, totals: dict[tuple[str, str], int]) -> None:
    for key, microseconds in totals.items():
        family = FAMILIES.get(key)
        if family is not None:
            page.add(family, microseconds / 1e6)
