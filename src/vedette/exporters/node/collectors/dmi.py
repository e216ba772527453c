"""``node_dmi_info`` from /sys/class/dmi/id: maker, model and firmware, as far as this user may read them."""

from __future__ import annotations

from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.host import Host, entries, read_word
from vedette.exporters.page import Family, Page

# Label -> file, where the two differ.
FILES = {"system_vendor": "sys_vendor"}
LABELS = (
    "bios_date",
    "bios_release",
    "bios_vendor",
    "bios_version",
    "board_asset_tag",
    "board_name",
    "board_serial",
    "board_vendor",
    "board_version",
    "chassis_asset_tag",
    "chassis_serial",
    "chassis_vendor",
    "chassis_version",
    "product_family",
    "product_name",
    "product_serial",
    "product_sku",
    "product_uuid",
    "product_version",
    "system_vendor",
)


def collector(host: Host) -> Collect:
    fields = read(host.sysfs)  # fixed since boot
    return lambda page: describe(page, parse(fields))


def read(sysfs: Path) -> dict[str, str | None]:
    """Label -> raw value; None where the file is absent or not for this user."""
    directory = sysfs / "class/dmi/id"
    if not entries(directory):
        return {}
    return {label: read_word(directory / FILES.get(label, label)) for label in LABELS}


def parse(raw: dict[str, str | None]) -> dict[str, str]:
    """The values that are there."""
    return {label: value for label, value in raw.items() if value is not None}


def describe(page: Page, fields: dict[str, str]) -> None:
    if not fields:
        raise NoData("/sys/class/dmi/id is absent")
    labels = tuple(fields)
    family = Family(
        "node_dmi_info",
        "gauge",
        f"A metric with a constant '1' value labeled by {', '.join(LABELS)} if provided by DMI.",
        labels,
    )
    page.add(family, 1, *fields.values())
