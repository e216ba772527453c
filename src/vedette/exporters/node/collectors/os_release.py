"""``node_os_info`` and ``node_os_version`` from os-release."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, read_text
from vedette.exporters.page import Family, Page

LABELS = (
    "build_id",
    "id",
    "id_like",
    "image_id",
    "image_version",
    "name",
    "pretty_name",
    "variant",
    "variant_id",
    "version",
    "version_codename",
    "version_id",
)
INFO = Family(
    "node_os_info", "gauge", f"A metric with a constant '1' value labeled by {', '.join(LABELS)}.", LABELS
)
VERSION = Family(
    "node_os_version",
    "gauge",
    "Metric containing the major.minor part of the OS version.",
    ("id", "id_like", "name"),
)
PLACES = ("etc/os-release", "usr/lib/os-release")
MAJOR_MINOR = re.compile(r"^\d+\.?\d*")


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(read(host.rootfs)))


def read(rootfs: Path) -> str:
    for place in PLACES:
        try:
            return read_text(rootfs / place)
        except NoData:
            continue
    raise NoData("no os-release")


def parse(text: str) -> dict[str, str]:
    """Lower-case key -> value, shell quotes taken off."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, separator, value = line.strip().partition("=")
        if separator and not key.startswith("#"):
            fields[key.lower()] = " ".join(shlex.split(value))
    return fields


def describe(page: Page, fields: dict[str, str]) -> None:
    page.add(INFO, 1, *(fields.get(label, "") for label in LABELS))
    version = MAJOR_MINOR.match(fields.get("version_id", ""))
    if version:
        page.add(VERSION, float(version[0].rstrip(".")), *(fields.get(label, "") for label in VERSION.labels))
