"""``node_filesystem_*``: size and space of every mount, from mountinfo and statvfs(2).

A mount that doesn't answer (a dead NFS server blocks statvfs for ever) costs `mount_timeout_s` once: it is reported
with ``device_error="mountpoint timeout"`` and not asked again until its thread comes back.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

LABELS = ("device", "mountpoint", "fstype", "device_error")


def _gauge(name: str, help: str) -> Family:
    return Family(f"node_filesystem_{name}", "gauge", help, LABELS)


SIZE = _gauge("size_bytes", "Filesystem size in bytes.")
FREE = _gauge("free_bytes", "Filesystem free space in bytes.")
AVAIL = _gauge("avail_bytes", "Filesystem space available to non-root users in bytes.")
FILES = _gauge("files", "Filesystem total file nodes.")
FILES_FREE = _gauge("files_free", "Filesystem total free file nodes.")
READONLY = _gauge("readonly", "Filesystem read-only status.")
DEVICE_ERROR = _gauge(
    "device_error", "Whether an error occurred while getting statistics for the given device."
)
MOUNT_INFO = Family(
    "node_filesystem_mount_info",
    "gauge",
    "Filesystem mount information.",
    ("device", "major", "minor", "mountpoint"),
)
OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    device: str
    mount_point: str
    fs_type: str
    major: str
    minor: str
    readonly: bool


@dataclass(frozen=True)
class Space:
    """Bytes and file nodes, or `error`: why the mount didn't say."""

    size: int = 0
    free: int = 0
    avail: int = 0
    files: int = 0
    files_free: int = 0
    error: str = ""


def collector(host: Host) -> Collect:
    chosen_point = chooser(host.mount_points_include, host.mount_points_exclude)
    chosen_type = chooser(host.fs_types_include, host.fs_types_exclude)
    asker = SpaceAsker(host.mount_timeout_s)

    def collect(page: Page) -> None:
        seen: set[tuple[str, str, str]] = set()
        for mount in parse(read(host.procfs), host.rootfs):
            key = (mount.device, mount.mount_point, mount.fs_type)
            if key in seen or not (chosen_point(mount.mount_point) and chosen_type(mount.fs_type)):
                continue
            seen.add(key)
            where = host.rootfs / mount.mount_point.lstrip("/")
            describe(page, mount, asker.ask(str(where)))

    return collect


def read(procfs: Path) -> str:
    """The mounts of process 1, which sees the machine's own; ours where that isn't for this user."""
    try:
        return read_text(procfs / "1/mountinfo")
    except (PermissionError, NoData):
        return read_text(procfs / "self/mountinfo")


def parse(text: str, rootfs: Path = Path("/")) -> Iterable[Mount]:
    """The mounts below `rootfs`, their paths relative to it."""
    prefix = str(rootfs).rstrip("/")
    for line in text.splitlines():
        head, separator, tail = line.partition(" - ")
        fields, rest = head.split(), tail.split(" ")
        if not separator or len(fields) < 6 or len(rest) < 2:
            continue
        mount_point = _unescape(fields[4])
        if prefix:
            if mount_point != prefix and not mount_point.startswith(prefix + "/"):
                continue
            mount_point = mount_point[len(prefix) :] or "/"
        major, _, minor = fields[2].partition(":")
        options = fields[5].split(",") + (rest[2].split(",") if len(rest) > 2 else [])
        yield Mount(_unescape(rest[1]), mount_point, rest[0], major, minor, "ro" in options)


def _unescape(field: str) -> str:
    return OCTAL.sub(lambda match: chr(int(match[1], 8)), field) if "\\" in field else field


def describe(page: Page, mount: Mount, space: Space) -> None:
    labels = (mount.device, mount.mount_point, mount.fs_type, space.error)
    page.add(DEVICE_ERROR, int(bool(space.error)), *labels)
    page.add(READONLY, int(mount.readonly), *labels)
    if space.error:
        return
    page.add(SIZE, space.size, *labels)
    page.add(FREE, space.free, *labels)
    page.add(AVAIL, space.avail, *labels)
    page.add(FILES, space.files, *labels)
    page.add(FILES_FREE, space.files_free, *labels)
    page.add(MOUNT_INFO, 1, mount.device, mount.major, mount.minor, mount.mount_point)


def measure(path: str) -> Space:
    """statvfs(2) in bytes and file nodes. May block for ever on a dead network file system."""
    try:
        stat = os.statvfs(path)
    except OSError as error:
        return Space(error=(error.strerror or str(error)).lower())
    block = stat.f_frsize
    return Space(
        stat.f_blocks * block,
        stat.f_bfree * block,
        stat.f_bavail * block,
        stat.f_files,
        stat.f_ffree,
    )


class SpaceAsker:
    """Measures mounts with a time limit, one daemon thread for those that may hang."""

    def __init__(self, timeout_s: float, measure: Callable[[str], Space] = measure) -> None:
        self._timeout_s = timeout_s
        self._measure = measure
        self._stuck: dict[str, threading.Thread] = {}

    def ask(self, path: str) -> Space:
        stuck = self._stuck.get(path)
        if stuck is not None:
            if stuck.is_alive():
                return Space(error="mountpoint timeout")
            del self._stuck[path]
        answer: list[Space] = []
        thread = threading.Thread(target=lambda: answer.append(self._measure(path)), daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if not answer:
            self._stuck[path] = thread
            return Space(error="mountpoint timeout")
        return answer[0]
