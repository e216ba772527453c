"""``node_network_*`` properties of network devices, from /sys/class/net."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vedette.exporters.collector import Collect, NoData
from vedette.exporters.node.choose import chooser
from vedette.exporters.node.host import Host, entries, read_number, read_word
from vedette.exporters.page import Family, Page

UP = Family("node_network_up", "gauge", "Value is 1 if operstate is 'up', 0 otherwise.", ("device",))
INFO = Family(
    "node_network_info",
    "gauge",
    "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
    ("device", "address", "broadcast", "duplex", "operstate", "adminstate", "ifalias"),
)
IFF_UP = 1

# File -> metric name after node_network_.
COUNTERS = {
    "carrier_changes": "carrier_changes_total",
    "carrier_up_count": "carrier_up_changes_total",
    "carrier_down_count": "carrier_down_changes_total",
}
GAUGES = {
    "addr_assign_type": "address_assign_type",
    "carrier": "carrier",
    "dev_id": "device_id",
    "dormant": "dormant",
    "flags": "flags",
    "ifindex": "iface_id",
    "iflink": "iface_link",
    "link_mode": "iface_link_mode",
    "mtu": "mtu_bytes",
    "name_assign_type": "name_assign_type",
    "netdev_group": "net_dev_group",
    "speed": "speed_bytes",
    "tx_queue_len": "transmit_queue_length",
    "type": "protocol_type",
}
WORDS = ("address", "broadcast", "duplex", "operstate", "ifalias")
MEGABIT_IN_BYTES = 125_000


@dataclass(frozen=True)
class Device:
    name: str
    words: dict[str, str]
    numbers: dict[str, int]  # by file; a driver leaves out what it doesn't know


def collector(host: Host) -> Collect:
    ignored = chooser("", host.netclass_ignored)
    return lambda page: describe(page, [device for device in read(host.sysfs) if ignored(device.name)])


def read(sysfs: Path) -> list[Device]:
    base = sysfs / "class/net"
    names = entries(base)
    if not names:
        raise NoData(f"{base} is absent or empty")
    return [read_device(base / name) for name in names if (base / name).is_dir()]


def read_device(directory: Path) -> Device:
    numbers = ((file, read_number(directory / file)) for file in (*COUNTERS, *GAUGES))
    return Device(
        directory.name,
        {file: read_word(directory / file) or "" for file in WORDS},
        {file: number for file, number in numbers if number is not None},
    )


def describe(page: Page, devices: list[Device]) -> None:
    for device in devices:
        words, numbers = device.words, device.numbers
        page.add(UP, int(words["operstate"] == "up"), device.name)
        admin = "up" if numbers.get("flags", 0) & IFF_UP else "down"
        page.add(
            INFO,
            1,
            device.name,
            words["address"],
            words["broadcast"],
            words["duplex"],
            words["operstate"],
            admin,
            words["ifalias"],
        )
        for file, value in numbers.items():
            page.add(_family(file), value * MEGABIT_IN_BYTES if file == "speed" else value, device.name)


@cache
def _family(file: str) -> Family:
    name = COUNTERS.get(file) or GAUGES[file]
    kind = "counter" if file in COUNTERS else "gauge"
    return Family(f"node_network_{name}", kind, f"Network device property: {name}", ("device",))
