"""``node_selinux_*`` from /sys/fs/selinux and /etc/selinux/config."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host, read_number, read_word
from vedette.exporters.page import Family, Page

ENABLED = Family("node_selinux_enabled", "gauge", "SELinux is enabled, 1 is true, 0 is false")
CONFIG_MODE = Family("node_selinux_config_mode", "gauge", "Configured SELinux enforcement mode")
CURRENT_MODE = Family("node_selinux_current_mode", "gauge", "Current SELinux enforcement mode")
MODES = {"enforcing": 1, "permissive": 0, "disabled": -1}
CONFIGURED = re.compile(r"^\s*SELINUX\s*=\s*(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Selinux:
    configured: int
    current: int


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(*read(host.sysfs, host.rootfs)))


def read(sysfs: Path, rootfs: Path) -> tuple[int | None, str]:
    """(enforce flag, config file); None where the file system isn't mounted, which means: switched off."""
    return read_number(sysfs / "fs/selinux/enforce"), read_word(rootfs / "etc/selinux/config") or ""


def parse(enforce: int | None, config: str) -> Selinux | None:
    if enforce is None:
        return None
    configured = CONFIGURED.search(config)
    return Selinux(MODES.get(configured[1].lower(), -1) if configured else -1, enforce)


def describe(page: Page, selinux: Selinux | None) -> None:
    page.add(ENABLED, int(selinux is not None))
    if selinux is not None:
        page.add(CONFIG_MODE, selinux.configured)
        page.add(CURRENT_MODE, selinux.current)
