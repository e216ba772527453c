"""``node_disk_*`` from /proc/diskstats, with what udev and sysfs know about each device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vedette.exporters.collector import Collect
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, read_text, read_word
from vedette.exporters.page import Family, Page

SECTOR = 512  # bytes; the kernel counts in these whatever the device's own sector is
MS = 1 / 1000


def _counter(name: str, help: str) -> Family:
    return Family(f"node_disk_{name}", "counter", help, ("device",))


# One a column after the device name; (metric, factor).
COLUMNS: tuple[tuple[Family, float], ...] = (
    (_counter("reads_completed_total", "The total number of reads completed successfully."), 1),
    (_counter("reads_merged_total", "The total number of reads merged."), 1),
    (_counter("read_bytes_total", "The total number of bytes read successfully."), SECTOR),
    (_counter("read_time_seconds_total", "The total number of seconds spent by all reads."), MS),
    (_counter("writes_completed_total", "The total number of writes completed successfully."), 1),
    (_counter("writes_merged_total", "The number of writes merged."), 1),
    (_counter("written_bytes_total", "The total number of bytes written successfully."), SECTOR),
    (_counter("write_time_seconds_total", "This is the total number of seconds spent by all writes."), MS),
    (Family("node_disk_io_now", "gauge", "The number of I/Os currently in progress.", ("device",)), 1),
    (_counter("io_time_seconds_total", "Total seconds spent doing I/Os."), MS),
    (_counter("io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os."), MS),
    (_counter("discards_completed_total", "The total number of discards completed successfully."), 1),
    (_counter("discards_merged_total", "The total number of discards merged."), 1),
    (_counter("discarded_sectors_total", "The total number of sectors discarded successfully."), 1),
    (
        _counter("discard_time_seconds_total", "This is the total number of seconds spent by all discards."),
        MS,
    ),
    (_counter("flush_requests_total", "The total number of flush requests completed successfully"), 1),
    (
        _counter(
            "flush_requests_time_seconds_total",
            "This is the total number of seconds spent by all flush requests.",
        ),
        MS,
    ),
)
INFO = Family(
    "node_disk_info",
    "gauge",
    "Info of /sys/block/<block_device>.",
    ("device", "major", "minor", "path", "wwn", "model", "serial", "revision", "rotational"),
)
FILESYSTEM_INFO = Family(
    "node_disk_filesystem_info",
    "gauge",
    "Info about disk filesystem.",
    ("device", "type", "usage", "uuid", "version"),
)
DEVICE_MAPPER_INFO = Family(
    "node_disk_device_mapper_info",
    "gauge",
    "Info about disk device mapper.",
    ("device", "name", "uuid", "vg_name", "lv_name", "lv_layer"),
)
ATA_WRITE_CACHE = Family(
    "node_disk_ata_write_cache",
    "gauge",
    "ATA disk has a write cache.",
    ("device",),
)
ATA_WRITE_CACHE_ENABLED = Family(
    "node_disk_ata_write_cache_enabled", "gauge", "ATA disk has its write cache enabled.", ("device",)
)
ATA_ROTATION = Family(
    "node_disk_ata_rotation_rate_rpm",
    "gauge",
    "ATA disk rotation rate in RPMs (0 for SSDs).",
    ("device",),
)


@dataclass(frozen=True)
class Disk:
    major: str
    minor: str
    name: str
    counts: list[int]  # by COLUMNS; older kernels have fewer


def collector(host: Host) -> Collect:
    chosen = chooser(host.disk_include, host.disk_exclude)

    def collect(page: Page) -> None:
        for disk in parse(read(host.procfs), chosen):
            describe(page, disk)
            rotational = read_word(host.sysfs / "block" / disk.name / "queue/rotational") or ""
            describe_device(page, disk, parse_udev(read_udev(host.udev_data, disk)), rotational)

    return collect


def read(procfs: Path) -> str:
    return read_text(procfs / "diskstats")


def read_udev(udev_data: Path, disk: Disk) -> str:
    """What udev has stored about the device; empty without udev."""
    return read_word(udev_data / f"b{disk.major}:{disk.minor}") or ""


def parse(text: str, chosen: Callable[[str], bool]) -> list[Disk]:
    disks: list[Disk] = []
    for line in text.splitlines():
        major, minor, name, *counts = line.split()
        if chosen(name):
            disks.append(Disk(major, minor, name, [int(count) for count in counts]))
    return disks


def parse_udev(text: str) -> dict[str, str]:
    """The ``E:KEY=value`` lines of a udev database entry."""
    pairs = (line[2:].partition("=") for line in text.splitlines() if line.startswith("E:"))
    return {key: value for key, _, value in pairs}


def describe(page: Page, disk: Disk) -> None:
    for (family, factor), count in zip(COLUMNS, disk.counts, strict=False):
        page.add(family, count * factor, disk.name)


def describe_device(page: Page, disk: Disk, udev: dict[str, str], rotational: str) -> None:
    def known(*keys: str) -> str:
        return next((udev[key] for key in keys if udev.get(key)), "")

    page.add(
        INFO,
        1,
        disk.name,
        disk.major,
        disk.minor,
        known("ID_PATH"),
        known("ID_WWN"),
        known("ID_MODEL"),
        known("SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"),
        known("ID_REVISION"),
        rotational,
    )
    if known("DM_NAME"):
        mapper = ("DM_NAME", "DM_UUID", "DM_VG_NAME", "DM_LV_NAME", "DM_LV_LAYER")
        page.add(DEVICE_MAPPER_INFO, 1, disk.name, *map(known, mapper))
    if known("ID_FS_TYPE"):
        filesystem = ("ID_FS_TYPE", "ID_FS_USAGE", "ID_FS_UUID", "ID_FS_VERSION")
        page.add(FILESYSTEM_INFO, 1, disk.name, *map(known, filesystem))
    if known("ID_ATA"):
        for key, family in (
            ("ID_ATA_WRITE_CACHE", ATA_WRITE_CACHE),
            ("ID_ATA_WRITE_CACHE_ENABLED", ATA_WRITE_CACHE_ENABLED),
            ("ID_ATA_ROTATION_RATE_RPM", ATA_ROTATION),
        ):
            if known(key).isdigit():
                page.add(family, int(known(key)), disk.name)
