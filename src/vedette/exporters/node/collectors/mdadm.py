"""``node_md_*``: software RAID from /proc/mdstat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_number, read_text
from vedette.exporters.page import Family, Page

STATE = Family("node_md_state", "gauge", "Indicates the state of md-device.", ("device", "state"))
DISKS = Family(
    "node_md_disks", "gauge", "Number of active/failed/spare disks of device.", ("device", "state")
)
REQUIRED = Family("node_md_disks_required", "gauge", "Total number of disks of device.", ("device",))
BLOCKS = Family("node_md_blocks", "gauge", "Total number of blocks on device.", ("device",))
SYNCED = Family("node_md_blocks_synced", "gauge", "Number of blocks synced on device.", ("device",))
RAID_DISKS = Family("node_md_raid_disks", "gauge", "Number of raid disks on device.", ("device",))
DEGRADED = Family("node_md_degraded", "gauge", "Number of degraded disks on device.", ("device",))

STATES = ("active", "inactive", "recovering", "resync", "check")
HEAD = re.compile(r"(md\S*)\s*:\s*(active|inactive)\s+(.*)")
SIZE = re.compile(r"\s+(\d+) blocks\b")
COUNTS = re.compile(r"\[(\d+)/(\d+)\]")
PROGRESS = re.compile(r"(recovery|resync|reshape|check)\s*=.*?\((\d+)/\d+\)")
WAITING = re.compile(r"(recovery|resync|reshape|check)\s*=\s*(?:DELAYED|PENDING)")
WORDS = {"recovery": "recovering", "reshape": "recovering", "resync": "resync", "check": "check"}


@dataclass
class Array:
    name: str
    state: str
    failed: int = 0
    spare: int = 0
    active: int = 0
    required: int = 0
    blocks: int = 0
    synced: int | None = None
    members: list[str] = field(default_factory=list)


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        for array in parse(read(host.procfs)):
            describe(page, array)
            describe_sysfs(page, array.name, host.sysfs)

    return collect


def read(procfs: Path) -> str:
    return read_text(procfs / "mdstat")


def parse(text: str) -> list[Array]:
    """One `Array` a device. Arrays without redundancy (raid0, linear) have as many disks as members."""
    arrays: list[Array] = []
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            members = [word for word in head[3].split() if "[" in word]
            array = Array(head[1], head[2], members=members)
            array.failed = sum("(F)" in member for member in members)
            array.spare = sum("(S)" in member for member in members)
            array.active = array.required = len(members) - array.failed - array.spare
            arrays.append(array)
        elif arrays:
            _parse_details(arrays[-1], line)
    for array in arrays:
        if array.synced is None:
            array.synced = array.blocks
        if array.state == "inactive":
            array.active = 0
    return arrays


def _parse_details(array: Array, line: str) -> None:
    size, counts = SIZE.match(line), COUNTS.search(line)
    if size:
        array.blocks = int(size[1])
        if counts:
            array.required, array.active = int(counts[1]), int(counts[2])
    progress = PROGRESS.search(line)
    if progress:
        array.state, array.synced = WORDS[progress[1]], int(progress[2])
    waiting = WAITING.search(line)
    if waiting:
        array.state, array.synced = WORDS[waiting[1]], 0


def describe(page: Page, array: Array) -> None:
    for state in STATES:
        page.add(STATE, int(state == array.state), array.name, state)
    page.add(DISKS, array.active, array.name, "active")
    page.add(DISKS, array.failed, array.name, "failed")
    page.add(DISKS, array.spare, array.name, "spare")
    page.add(REQUIRED, array.required, array.name)
    page.add(BLOCKS, array.blocks, array.name)
    page.add(SYNCED, array.synced or 0, array.name)


def describe_sysfs(page: Page, name: str, sysfs: Path) -> None:
    for file, family in (("raid_disks", RAID_DISKS), ("degraded", DEGRADED)):
        value = read_number(sysfs / "block" / name / "md" / file)
        if value is not None:
            page.add(family, value, name)
