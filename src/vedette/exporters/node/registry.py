"""Every collector, under node_exporter's name for it, and whether it runs unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import cast

from vedette.exporters.collector import Collect
from vedette.exporters.node.collectors import (
    arp,
    bonding,
    clock,
    conntrack,
    cpu,
    cpufreq,
    diskstats,
    dmi,
    entropy,
    filefd,
    filesystem,
    hwmon,
    kernel_hung,
    loadavg,
    mdadm,
    meminfo,
    netclass,
    netdev,
    netstat,
    os_release,
    power_supply,
    pressure,
    processes,
    schedstat,
    selinux,
    sockstat,
    softnet,
    stat,
    textfile,
    thermal_zone,
    timex,
    udp_queues,
    uname,
    vmstat,
)
from vedette.exporters.node.host import Host

COLLECTORS: dict[str, ModuleType] = {
    "arp": arp,
    "bonding": bonding,
    "conntrack": conntrack,
    "cpu": cpu,
    "cpufreq": cpufreq,
    "diskstats": diskstats,
    "dmi": dmi,
    "entropy": entropy,
    "filefd": filefd,
    "filesystem": filesystem,
    "hwmon": hwmon,
    "kernel_hung": kernel_hung,
    "loadavg": loadavg,
    "mdadm": mdadm,
    "meminfo": meminfo,
    "netclass": netclass,
    "netdev": netdev,
    "netstat": netstat,
    "os": os_release,
    "powersupplyclass": power_supply,
    "pressure": pressure,
    "processes": processes,
    "schedstat": schedstat,
    "selinux": selinux,
    "sockstat": sockstat,
    "softnet": softnet,
    "stat": stat,
    "thermal_zone": thermal_zone,
    "time": clock,
    "timex": timex,
    "udp_queues": udp_queues,
    "uname": uname,
    "vmstat": vmstat,
    # Last, as it must know what the others have already said.
    "textfile": textfile,
}
OFF_BY_DEFAULT = frozenset(("processes",))
DEFAULT = tuple(name for name in COLLECTORS if name not in OFF_BY_DEFAULT)


def make_collectors(host: Host, names: Iterable[str] = DEFAULT) -> dict[str, Collect]:
    """The collectors `names`, ready to run, in the registry's order. `KeyError` for one that doesn't exist."""
    wanted = set(names)
    unknown = wanted - COLLECTORS.keys()
    if unknown:
        raise KeyError(f"no such collector: {', '.join(sorted(unknown))}")
    return {
        name: cast("Callable[[Host], Collect]", module.collector)(host)
        for name, module in COLLECTORS.items()
        if name in wanted
    }
