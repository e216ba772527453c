"""Processes without a container, shown under a name: ``{"my-api": "port:8000"}``.

How a process is found:

- ``port:8000``: it listens on this TCP port
- ``pidfile:/run/my-api.pid``
- ``command:REGEX``: its command line matches (RE2, anywhere in the line)

The processes it started count with it. A selector ``cgroup:/system.slice/my-api.service`` names a control group
instead, and is not handled here.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import re2

from vedette.exporters.containers.usage import Usage

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
LISTENING = "0A"
LOOK_AGAIN_S = 5.0
BOOT_TIME = re.compile(r"^btime (\d+)$", re.MULTILINE)


class SelectorError(ValueError):
    """A selector that can't be read. `str()` says what to write."""


@dataclass(frozen=True)
class Stat:
    """Of /proc/PID/stat; times in clock ticks, the start since boot."""

    pid: int
    parent: int
    cpu_user: int
    cpu_system: int
    of_dead_children_user: int
    of_dead_children_system: int
    threads: int
    start: int
    rss: int  # bytes
    minor_faults: int
    major_faults: int


def parse_stat(text: str) -> Stat:
    # The name, in parentheses, may hold anything.
    pid, rest = text[: text.index(" ")], text[text.rindex(")") + 2 :].split()
    numbers = [int(word) for word in rest[1:]]
    return Stat(
        pid=int(pid),
        parent=numbers[0],
        minor_faults=numbers[6],
        major_faults=numbers[8],
        cpu_user=numbers[10],
        cpu_system=numbers[11],
        of_dead_children_user=numbers[12],
        of_dead_children_system=numbers[13],
        threads=numbers[16],
        start=numbers[18],
        rss=numbers[20] * PAGE_BYTES,
    )


def read_stats(procfs: Path) -> dict[int, Stat]:
    """Every process by number."""
    stats: dict[int, Stat] = {}
    for name in os.listdir(procfs):
        if name.isdigit():
            try:
                with open(f"{procfs}/{name}/stat", "rb", buffering=0) as file:
                    stats[int(name)] = parse_stat(file.read().decode("utf-8", "replace"))
            except (OSError, ValueError):
                continue  # gone since
    return stats


Find = Callable[[Path, dict[int, Stat]], int | None]


def parse_selector(text: str) -> Find:
    """A search for the process. Raises `SelectorError`."""
    kind, _, value = text.partition(":")
    if kind == "port" and value.isdigit():
        return lambda procfs, stats: find_by_port(procfs, stats, int(value))
    if kind == "pidfile" and value:
        return lambda procfs, stats: find_by_pidfile(Path(value), stats)
    if kind == "command" and value:
        try:
            pattern = re2.compile(value)
        except re2.error as error:
            raise SelectorError(f'"{value}" is no regular expression: {error}') from None
        return lambda procfs, stats: find_by_command(procfs, stats, pattern)
    raise SelectorError(
        f'"{text}" names no process; write port:8000, pidfile:/run/x.pid, command:REGEX or cgroup:/path'
    )


def find_by_port(procfs: Path, stats: dict[int, Stat], port: int) -> int | None:
    sockets = {f"socket:[{inode}]" for inode in listening_inodes(procfs, port)}
    if not sockets:
        return None
    return _eldest((pid for pid in stats if _holds(procfs / str(pid) / "fd", sockets)), stats)


def listening_inodes(procfs: Path, port: int) -> set[str]:
    wanted = f":{port:04X}"
    inodes: set[str] = set()
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (procfs / table).read_text().splitlines()[1:]
        except OSError:
            continue
        rows = (line.split() for line in lines)
        inodes |= {row[9] for row in rows if row[3] == LISTENING and row[1].endswith(wanted)}
    return inodes


def _holds(directory: Path, sockets: set[str]) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(os.readlink(entry.path) in sockets for entry in entries)
    except OSError:
        return False


def find_by_pidfile(file: Path, stats: dict[int, Stat]) -> int | None:
    try:
        pid = int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid in stats else None


def find_by_command(procfs: Path, stats: dict[int, Stat], pattern: re2._Regexp[str]) -> int | None:
    def matches(pid: int) -> bool:
        try:
            line = (procfs / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            return False
        return pid != os.getpid() and pattern.search(line.decode("utf-8", "replace")) is not None

    return _eldest(filter(matches, stats), stats)


def _eldest(pids: Iterable[int], stats: dict[int, Stat]) -> int | None:
    """Of several, the one that isn't another's child: workers share their master's socket and command."""
    found = set(pids)
    return min((pid for pid in found if stats[pid].parent not in found), default=None)


def family(root: int, stats: dict[int, Stat]) -> list[Stat]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in stats.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    members, pending = [], [root]
    while pending:
        pid = pending.pop()
        members.append(stats[pid])
        pending += children.get(pid, ())
    return members


def measure(procfs: Path, members: list[Stat], boot_time: float) -> Usage:
    """Of all `members` together, the first being the root."""
    user = sum(stat.cpu_user + stat.of_dead_children_user for stat in members)
    system = sum(stat.cpu_system + stat.of_dead_children_system for stat in members)
    anonymous, mapped, swapped = _memory(procfs, members)
    read_bytes, written_bytes, descriptors = _files(procfs, members)
    resident = sum(stat.rss for stat in members)
    return Usage(
        cpu_seconds=(user + system) / TICKS_PER_SECOND,
        cpu_user_seconds=user / TICKS_PER_SECOND,
        cpu_system_seconds=system / TICKS_PER_SECOND,
        memory_usage=resident,
        memory_working_set=resident,
        memory_rss=anonymous,
        memory_mapped_file=mapped,
        memory_swap=swapped,
        memory_limit=0,
        page_faults=sum(stat.minor_faults for stat in members),
        major_page_faults=sum(stat.major_faults for stat in members),
        processes=len(members),
        threads=sum(stat.threads for stat in members),
        file_descriptors=descriptors,
        start_time=boot_time + members[0].start / TICKS_PER_SECOND,
        disks={"": (read_bytes, written_bytes, None, None)} if read_bytes is not None else {},
    )


def _memory(procfs: Path, members: list[Stat]) -> tuple[int, int, int]:
    """(anonymous, file-backed, swapped) bytes."""
    totals = {"RssAnon": 0, "RssFile": 0, "VmSwap": 0}
    for stat in members:
        try:
            text = (procfs / str(stat.pid) / "status").read_text()
        except OSError:
            continue
        for line in text.splitlines():
            key, _, value = line.partition(":")
            if key in totals:
                totals[key] += int(value.split()[0]) * 1024
    return totals["RssAnon"], totals["RssFile"], totals["VmSwap"]


def _files(procfs: Path, members: list[Stat]) -> tuple[int | None, int | None, int | None]:
    """(bytes read, bytes written, open descriptors); None for those of another user."""
    read_bytes = written = descriptors = 0
    try:
        for stat in members:
            directory = procfs / str(stat.pid)
            fields = dict(line.split(": ") for line in (directory / "io").read_text().splitlines())
            read_bytes += int(fields["read_bytes"])
            written += int(fields["write_bytes"])
            descriptors += len(os.listdir(directory / "fd"))
    except (OSError, KeyError, ValueError):
        return None, None, None
    return read_bytes, written, descriptors


class NamedProcess:
    """Remembers where its process is, so that a scrape doesn't search all descriptors of the machine."""

    def __init__(self, name: str, selector: str) -> None:
        self.name = name
        self._find = parse_selector(selector)
        self._found: Stat | None = None
        self._looked = 0.0

    def usage(self, procfs: Path, stats: dict[int, Stat]) -> Usage | None:
        """None while no process answers to the selector."""
        found = self._found
        now = time.monotonic()
        if found is None or found.pid not in stats or stats[found.pid].start != found.start:
            self._found = None
            if now - self._looked < LOOK_AGAIN_S and found is None:
                return None
            self._looked = now
            pid = self._find(procfs, stats)
            if pid is None:
                return None
            self._found = found = stats[pid]
        return measure(procfs, family(found.pid, stats), read_boot_time(procfs))


def read_boot_time(procfs: Path) -> float:
    match = BOOT_TIME.search((procfs / "stat").read_text())
    return float(match[1]) if match else 0.0
