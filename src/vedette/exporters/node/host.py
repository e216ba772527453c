"""Where a machine is read from, and what the collectors leave out. Tests point the paths at fixtures."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from vedette.exporters.collector import NoData

MOUNT_POINTS_EXCLUDE = (
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)"
)
FS_TYPES_EXCLUDE = (
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs"
    "|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$"
)
DISK_EXCLUDE = r"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$"
VMSTAT_FIELDS = "^(oom_kill|pgpg|pswp|pg.*fault).*"
NETSTAT_FIELDS = (
    "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)"
    "|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
    "|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
    "|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$"
)


@dataclass(frozen=True, kw_only=True)
class Host:
    """Roots of the pseudo file systems, and each collector's own choices under node_exporter's flag names.

    Regular expressions are RE2. An empty include or exclude means: no restriction.
    """

    procfs: Path = Path("/proc")
    sysfs: Path = Path("/sys")
    rootfs: Path = Path("/")
    udev_data: Path = Path("/run/udev/data")

    cpu_guest: bool = True
    cpu_info: bool = False
    disk_include: str = ""
    disk_exclude: str = DISK_EXCLUDE
    mount_points_include: str = ""
    mount_points_exclude: str = MOUNT_POINTS_EXCLUDE
    fs_types_include: str = ""
    fs_types_exclude: str = FS_TYPES_EXCLUDE
    mount_timeout_s: float = 5.0
    netdev_include: str = ""
    netdev_exclude: str = ""
    netclass_ignored: str = "^$"
    netstat_fields: str = NETSTAT_FIELDS
    vmstat_fields: str = VMSTAT_FIELDS
    stat_softirq: bool = False
    textfile_directories: tuple[str, ...] = field(default=())


def read_text(path: Path) -> str:
    """The file's text. `NoData` when it isn't there; bytes that are no UTF-8 become replacement characters."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read().decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoData(f"{path} is absent") from error


def read_word(path: Path) -> str | None:
    """A one-value file without its newline; None when it is absent, unreadable or the driver refuses."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return None


def read_number(path: Path) -> int | None:
    """A one-number file (decimal or 0x...); None when it is absent or holds something else."""
    word = read_word(path)
    if word is None:
        return None
    try:
        return int(word, 0) if word.startswith(("0x", "-0x")) else int(word)
    except ValueError:
        return None


def entries(directory: Path) -> list[str]:
    """Sorted names in a directory; empty when it is absent."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
