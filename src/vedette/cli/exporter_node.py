"""``vedette exporter node``: node_exporter's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.exporter import COLLECTOR_FLAGS, chosen_collectors, exporter
from vedette.cli.options import listen_address, seconds
from vedette.config.log import setup_logging
from vedette.exporters.node import host as defaults


@exporter.command(context_settings=COLLECTOR_FLAGS)
def node(
    context: typer.Context,
    listen: Annotated[str, typer.Option("--web.listen-address", help="Address to listen on.")] = ":9100",
    telemetry_path: Annotated[str, typer.Option("--web.telemetry-path")] = "/metrics",
    disable_exporter_metrics: Annotated[
        bool, typer.Option("--web.disable-exporter-metrics", help="Leave out process_* and node_exporter_*.")
    ] = False,
    max_requests: Annotated[int, typer.Option("--web.max-requests", help="Scrapes at once; 0: any.")] = 40,
    procfs: Annotated[Path, typer.Option("--path.procfs")] = Path("/proc"),
    sysfs: Annotated[Path, typer.Option("--path.sysfs")] = Path("/sys"),
    rootfs: Annotated[Path, typer.Option("--path.rootfs")] = Path("/"),
    udev_data: Annotated[Path, typer.Option("--path.udev.data")] = Path("/run/udev/data"),
    disable_defaults: Annotated[
        bool, typer.Option("--collector.disable-defaults", help="Only collectors named by --collector.NAME.")
    ] = False,
    cpu_guest: Annotated[bool, typer.Option("--collector.cpu.guest/--no-collector.cpu.guest")] = True,
    cpu_info: Annotated[bool, typer.Option("--collector.cpu.info/--no-collector.cpu.info")] = False,
    disk_include: Annotated[str, typer.Option("--collector.diskstats.device-include")] = "",
    disk_exclude: Annotated[
        str, typer.Option("--collector.diskstats.device-exclude")
    ] = defaults.DISK_EXCLUDE,
    mount_include: Annotated[str, typer.Option("--collector.filesystem.mount-points-include")] = "",
    mount_exclude: Annotated[
        str, typer.Option("--collector.filesystem.mount-points-exclude")
    ] = defaults.MOUNT_POINTS_EXCLUDE,
    fs_include: Annotated[str, typer.Option("--collector.filesystem.fs-types-include")] = "",
    fs_exclude: Annotated[
        str, typer.Option("--collector.filesystem.fs-types-exclude")
    ] = defaults.FS_TYPES_EXCLUDE,
    mount_timeout: Annotated[str, typer.Option("--collector.filesystem.mount-timeout")] = "5s",
    netdev_include: Annotated[str, typer.Option("--collector.netdev.device-include")] = "",
    netdev_exclude: Annotated[str, typer.Option("--collector.netdev.device-exclude")] = "",
    netclass_ignored: Annotated[str, typer.Option("--collector.netclass.ignored-devices")] = "^$",
    netstat_fields: Annotated[str, typer.Option("--collector.netstat.fields")] = defaults.NETSTAT_FIELDS,
    vmstat_fields: Annotated[str, typer.Option("--collector.vmstat.fields")] = defaults.VMSTAT_FIELDS,
    softirq: Annotated[bool, typer.Option("--collector.stat.softirq/--no-collector.stat.softirq")] = False,
    textfile: Annotated[list[str] | None, typer.Option("--collector.textfile.directory")] = None,
    log_level: Annotated[str, typer.Option("--log.level")] = "info",
    log_format: Annotated[str, typer.Option("--log.format")] = "logfmt",
) -> None:
    """Metrics of this machine (node_exporter). Collectors: --collector.NAME, --no-collector.NAME."""
    from vedette.exporters.node.registry import COLLECTORS, DEFAULT
    from vedette.exporters.node.service import NodeExporter, NodeOptions
    from vedette.web.role import run_roles

    setup_logging(log_level, log_format)
    host = defaults.Host(
        procfs=procfs,
        sysfs=sysfs,
        rootfs=rootfs,
        udev_data=udev_data,
        cpu_guest=cpu_guest,
        cpu_info=cpu_info,
        disk_include=disk_include,
        disk_exclude=disk_exclude,
        mount_points_include=mount_include,
        mount_points_exclude=mount_exclude,
        fs_types_include=fs_include,
        fs_types_exclude=fs_exclude,
        mount_timeout_s=seconds(mount_timeout),
        netdev_include=netdev_include,
        netdev_exclude=netdev_exclude,
        netclass_ignored=netclass_ignored,
        netstat_fields=netstat_fields,
        vmstat_fields=vmstat_fields,
        stat_softirq=softirq,
        textfile_directories=tuple(textfile or ()),
    )
    options = NodeOptions(
        listen=listen_address(listen),
        telemetry_path=telemetry_path,
        host=host,
        collectors=chosen_collectors(context.args, COLLECTORS, () if disable_defaults else DEFAULT),
        max_requests=max_requests,
        own_metrics=not disable_exporter_metrics,
    )
    raise typer.Exit(run_roles([NodeExporter(options)]))
