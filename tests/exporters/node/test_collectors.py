"""Each collector over one small machine of files (`fixtures/`): one line of expectation a sample."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.exposition import PageFamily, known_metrics, parse_page
from support.shared import shared_path
from vedette.exporters.collector import NoData
from vedette.exporters.node.collectors import cpu, filesystem, os_release, selinux, textfile, timex
from vedette.exporters.node.host import Host
from vedette.exporters.node.registry import COLLECTORS, make_collectors
from vedette.exporters.page import Page

FIXTURES = Path(__file__).parent / "fixtures"
HOST = Host(
    procfs=FIXTURES / "proc",
    sysfs=FIXTURES / "sys",
    rootfs=FIXTURES / "root",
    udev_data=FIXTURES / "udev",
    textfile_directories=(str(FIXTURES / "textfile"),),
    stat_softirq=True,
)
PAGES = os.sysconf("SC_PAGE_SIZE")

# collector, metric, labels, value
EXPECTED: list[tuple[str, str, dict[str, str], float]] = [
    ("loadavg", "node_load1", {}, 0.21),
    ("loadavg", "node_load15", {}, 1.39),
    ("cpu", "node_cpu_seconds_total", {"cpu": "0", "mode": "idle"}, 30),
    ("cpu", "node_cpu_seconds_total", {"cpu": "1", "mode": "user"}, 1.01),
    ("cpu", "node_cpu_seconds_total", {"cpu": "0", "mode": "steal"}, 0.01),
    ("cpu", "node_cpu_guest_seconds_total", {"cpu": "0", "mode": "user"}, 0.06),
    ("cpu", "node_cpu_core_throttles_total", {"package": "0", "core": "0"}, 5),
    ("cpu", "node_cpu_package_throttles_total", {"package": "0"}, 30),
    ("cpu", "node_cpu_isolated", {"cpu": "1"}, 1),
    ("cpufreq", "node_cpu_scaling_frequency_hertz", {"cpu": "0"}, 2.4e9),
    ("cpufreq", "node_cpu_scaling_governor", {"cpu": "0", "governor": "powersave"}, 1),
    ("cpufreq", "node_cpu_scaling_governor", {"cpu": "0", "governor": "performance"}, 0),
    ("stat", "node_boot_time_seconds", {}, 1795424110),
    ("stat", "node_context_switches_total", {}, 9245518),
    ("stat", "node_forks_total", {}, 81153),
    ("stat", "node_intr_total", {}, 4952773),
    ("stat", "node_procs_running", {}, 7),
    ("stat", "node_procs_blocked", {}, 2),
    ("stat", "node_softirqs_total", {"vector": "net_rx"}, 400),
    ("meminfo", "node_memory_MemTotal_bytes", {}, 24684092 * 1024),
    ("meminfo", "node_memory_Active_anon_bytes", {}, 8664 * 1024),
    ("meminfo", "node_memory_HugePages_Total", {}, 3),
    ("vmstat", "node_vmstat_pgfault", {}, 65214067),
    ("vmstat", "node_vmstat_oom_kill", {}, 1),
    ("netstat", "node_netstat_TcpExt_ListenDrops", {}, 6),
    ("netstat", "node_netstat_IpExt_OutOctets", {}, 3956417644),
    ("netstat", "node_netstat_Tcp_CurrEstab", {}, 104),
    ("netstat", "node_netstat_Udp6_NoPorts", {}, 4),
    ("netstat", "node_netstat_UdpLite6_InErrors", {}, 0),
    ("sockstat", "node_sockstat_sockets_used", {}, 152),
    ("sockstat", "node_sockstat_TCP_mem_bytes", {}, 276 * PAGES),
    ("sockstat", "node_sockstat_TCP6_inuse", {}, 17),
    ("netdev", "node_network_receive_bytes_total", {"device": "eth0"}, 1442956947),
    ("netdev", "node_network_transmit_carrier_total", {"device": "eth0"}, 11),
    ("netdev", "node_network_receive_nohandler_total", {"device": "eth0"}, 13),
    ("netclass", "node_network_up", {"device": "eth0"}, 1),
    ("netclass", "node_network_speed_bytes", {"device": "eth0"}, 125_000_000),
    ("netclass", "node_network_flags", {"device": "eth0"}, 0x1003),
    ("netclass", "node_network_carrier_up_changes_total", {"device": "eth0"}, 2),
    ("netclass", "node_network_info", {"device": "eth0", "adminstate": "up", "duplex": "full"}, 1),
    ("arp", "node_arp_entries", {"device": "eth0"}, 2),
    ("softnet", "node_softnet_processed_total", {"cpu": "0"}, 0x68AE3),
    ("softnet", "node_softnet_processed_total", {"cpu": "2"}, 0x5A967),
    ("softnet", "node_softnet_backlog_len", {"cpu": "0"}, 6),
    ("udp_queues", "node_udp_queues", {"ip": "v4", "queue": "tx"}, 0x11),
    ("udp_queues", "node_udp_queues", {"ip": "v4", "queue": "rx"}, 0x22),
    ("schedstat", "node_schedstat_waiting_seconds_total", {"cpu": "0"}, 343796328169361 / 1e9),
    ("schedstat", "node_schedstat_timeslices_total", {"cpu": "0"}, 4767485306),
    ("pressure", "node_pressure_cpu_waiting_seconds_total", {}, 44.709688),
    ("pressure", "node_pressure_memory_stalled_seconds_total", {}, 1.5),
    ("pressure", "node_pressure_irq_stalled_seconds_total", {}, 0.25),
    ("conntrack", "node_nf_conntrack_entries", {}, 12),
    ("conntrack", "node_nf_conntrack_stat_found", {}, 25),
    ("conntrack", "node_nf_conntrack_stat_drop", {}, 4),
    ("conntrack", "node_nf_conntrack_stat_search_restart", {}, 5),
    ("filefd", "node_filefd_allocated", {}, 1364),
    ("filefd", "node_filefd_maximum", {}, 2466177),
    ("entropy", "node_entropy_available_bits", {}, 256),
    ("uname", "node_uname_info", {"nodename": "web-1", "version": "#1 SMP Debian", "sysname": "Linux"}, 1),
    ("os", "node_os_version", {"id": "debian", "name": "Debian GNU/Linux"}, 12),
    ("os", "node_os_info", {"version_codename": "bookworm", "variant": ""}, 1),
    ("dmi", "node_dmi_info", {"system_vendor": "Acme", "product_name": "Model 7"}, 1),
    ("thermal_zone", "node_thermal_zone_temp", {"zone": "0", "type": "x86_pkg_temp"}, 49.925),
    ("thermal_zone", "node_cooling_device_max_state", {"name": "0", "type": "Processor"}, 10),
    ("time", "node_time_clocksource_available_info", {"device": "0", "clocksource": "hpet"}, 1),
    ("time", "node_time_clocksource_current_info", {"device": "0", "clocksource": "tsc"}, 1),
    ("diskstats", "node_disk_reads_completed_total", {"device": "sda"}, 25354637),
    ("diskstats", "node_disk_read_bytes_total", {"device": "sda"}, 1003346126 * 512),
    ("diskstats", "node_disk_io_time_seconds_total", {"device": "sda"}, 9653.88),
    ("diskstats", "node_disk_discarded_sectors_total", {"device": "sda"}, 3),
    ("diskstats", "node_disk_flush_requests_time_seconds_total", {"device": "sda"}, 0.006),
    (
        "diskstats",
        "node_disk_info",
        {"device": "sda", "major": "8", "model": "Samsung_SSD", "serial": "S21N", "rotational": "0"},
        1,
    ),
    ("diskstats", "node_disk_ata_write_cache", {"device": "sda"}, 1),
    ("selinux", "node_selinux_enabled", {}, 0),
    ("hwmon", "node_hwmon_temp_celsius", {"chip": "platform_coretemp_0", "sensor": "temp1"}, 47),
    ("hwmon", "node_hwmon_temp_crit_celsius", {"chip": "platform_coretemp_0", "sensor": "temp1"}, 84),
    ("hwmon", "node_hwmon_temp_crit_alarm_celsius", {"sensor": "temp1"}, 0),
    ("hwmon", "node_hwmon_fan_rpm", {"sensor": "fan2"}, 1098),
    ("hwmon", "node_hwmon_fan_min_rpm", {"sensor": "fan2"}, 700),
    ("hwmon", "node_hwmon_fan_alarm", {"sensor": "fan2"}, 0),
    ("hwmon", "node_hwmon_in_volts", {"sensor": "in0"}, 0.792),
    ("hwmon", "node_hwmon_power_watt", {"sensor": "power1"}, 12.5),
    ("hwmon", "node_hwmon_pwm", {"sensor": "pwm1"}, 153),
    ("hwmon", "node_hwmon_sensor_label", {"sensor": "temp1", "label": "Package id 0"}, 1),
    ("hwmon", "node_hwmon_chip_names", {"chip": "platform_coretemp_0", "chip_name": "coretemp"}, 1),
    ("mdadm", "node_md_state", {"device": "md0", "state": "recovering"}, 1),
    ("mdadm", "node_md_state", {"device": "md0", "state": "active"}, 0),
    ("mdadm", "node_md_state", {"device": "md7", "state": "inactive"}, 1),
    ("mdadm", "node_md_disks", {"device": "md0", "state": "active"}, 1),
    ("mdadm", "node_md_disks", {"device": "md0", "state": "spare"}, 1),
    ("mdadm", "node_md_disks", {"device": "md7", "state": "failed"}, 1),
    ("mdadm", "node_md_disks_required", {"device": "md0"}, 2),
    ("mdadm", "node_md_disks_required", {"device": "md9"}, 2),
    ("mdadm", "node_md_blocks_synced", {"device": "md0"}, 96896),
    ("mdadm", "node_md_blocks_synced", {"device": "md9"}, 314159265),
    ("mdadm", "node_md_degraded", {"device": "md0"}, 1),
    ("bonding", "node_bonding_slaves", {"master": "bond0"}, 2),
    ("bonding", "node_bonding_active", {"master": "bond0"}, 1),
    ("processes", "node_processes_threads", {}, 5),
    ("processes", "node_processes_state", {"state": "S"}, 1),
    ("processes", "node_processes_max_processes", {}, 32768),
    ("kernel_hung", "node_kernel_hung_tasks_total", {}, 3),
    ("powersupplyclass", "node_power_supply_capacity", {"power_supply": "BAT0"}, 81),
    ("powersupplyclass", "node_power_supply_energy_watthour", {"power_supply": "BAT0"}, 36.58),
    ("powersupplyclass", "node_power_supply_info", {"status": "Discharging", "manufacturer": "LGC"}, 1),
    ("textfile", "node_textfile_scrape_error", {}, 0),
    ("textfile", "backup_last_success_timestamp_seconds", {"job": 'nightly "full"'}, 1.795e9),
    ("textfile", "backup_last_success_timestamp_seconds", {"job": "weekly"}, 1.794e9),
    ("textfile", "backup_seconds", {}, 12.5),
]


def run(collector: str, host: Host = HOST) -> dict[str, PageFamily]:
    page = Page()
    make_collectors(host, [collector])[collector](page)
    return parse_page(page.render().decode())


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, PageFamily]]:
    return {name: run(name) for name in {case[0] for case in EXPECTED}}


@pytest.mark.parametrize("collector, metric, labels, value", EXPECTED)
def test_value(
    pages: dict[str, dict[str, PageFamily]],
    collector: str,
    metric: str,
    labels: dict[str, str],
    value: float,
) -> None:
    assert pages[collector][metric].value(**labels) == pytest.approx(value)


def test_left_out_by_default(pages: dict[str, dict[str, PageFamily]]) -> None:
    assert "node_vmstat_nr_free_pages" not in pages["vmstat"]
    assert "node_netstat_Tcp_MaxConn" not in pages["netstat"]
    devices = {dict(labels)["device"] for _, labels in pages["diskstats"]["node_disk_io_now"].samples}
    assert devices == {"sda"}


@pytest.mark.parametrize(
    "collector", sorted(set(COLLECTORS) - {"time", "timex", "textfile", "selinux", "processes"})
)
def test_an_empty_machine_is_no_data_and_no_crash(collector: str, tmp_path: Path) -> None:
    empty = Host(procfs=tmp_path, sysfs=tmp_path, rootfs=tmp_path, udev_data=tmp_path)
    with pytest.raises(NoData):
        run(collector, empty)


def test_names_in_the_fixtures_are_the_originals() -> None:
    """This machine lacks much of the hardware; the fixtures have it."""
    known = known_metrics(shared_path("reference/exporters/node-current-names.txt").read_text())
    for name in sorted(COLLECTORS):
        if name in ("textfile", "dmi"):
            continue
        for family in run(name).values():
            if family.name in known:
                assert family.kind == known[family.name].kind, family.name
                assert family.labels == known[family.name].labels, family.name


def test_idle_time_does_not_go_back() -> None:
    kept = cpu.MonotonicTicks()
    kept.update({"0": [10, 0, 5, 1000, 20, 0, 0, 0, 0, 0]})
    again = kept.update({"0": [11, 0, 5, 998, 19, 0, 0, 0, 0, 0]})
    assert again["0"][:5] == [11, 0, 5, 1000, 20]


def test_a_cpu_that_was_unplugged_starts_anew() -> None:
    kept = cpu.MonotonicTicks()
    kept.update({"0": [10, 0, 5, 100_000, 20, 0, 0, 0, 0, 0]})
    assert kept.update({"0": [1, 0, 0, 3, 0, 0, 0, 0, 0, 0]})["0"][:4] == [1, 0, 0, 3]


def test_cpu_list() -> None:
    assert list(cpu.parse_cpu_list("0,2-4,7")) == [0, 2, 3, 4, 7]
    assert list(cpu.parse_cpu_list("")) == []


def test_mounts_are_unescaped_and_below_the_root() -> None:
    text = filesystem.read(HOST.procfs)
    mounts = {mount.mount_point: mount for mount in filesystem.parse(text)}
    assert mounts["/srv/with space"].readonly
    assert mounts["/"] == filesystem.Mount("/dev/sda1", "/", "ext4", "8", "1", False)
    below = list(filesystem.parse(text, Path("/srv")))
    assert [mount.mount_point for mount in below] == ["/with space", "/gone"]


def test_filesystems() -> None:
    families = run("filesystem", Host(procfs=FIXTURES / "proc", fs_types_exclude="^tmpfs$|^proc$"))
    stat = os.statvfs("/")
    assert families["node_filesystem_size_bytes"].value(mountpoint="/") == stat.f_blocks * stat.f_frsize
    assert families["node_filesystem_readonly"].value(mountpoint="/") == 0
    assert families["node_filesystem_mount_info"].value(mountpoint="/", major="8", minor="1") == 1
    gone = families["node_filesystem_device_error"]
    assert gone.value(mountpoint="/srv/gone", device_error="no such file or directory") == 1
    assert gone.value(mountpoint="/", device_error="") == 0
    assert not [
        1
        for _, labels in families["node_filesystem_size_bytes"].samples
        if ("mountpoint", "/srv/gone") in labels
    ]


def test_a_mount_that_hangs_is_asked_once() -> None:
    import threading

    release, asked = threading.Event(), []

    def hang(path: str) -> filesystem.Space:
        asked.append(path)
        release.wait(10)
        return filesystem.Space(size=1)

    asker = filesystem.SpaceAsker(0.01, hang)
    assert asker.ask("/nfs").error == "mountpoint timeout"
    assert asker.ask("/nfs").error == "mountpoint timeout"
    assert asked == ["/nfs"]
    release.set()
    asker._stuck["/nfs"].join()
    assert asker.ask("/nfs").size == 1


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("a_metric 1 1795424110000\n", "timestamp"),
        ("a_metric one\n", "no number"),
        ("a_metric{x=1} 1\n", "no sample"),
        ("# TYPE a_metric thing\na_metric 1\n", "no metric type"),
        ('a_metric{x="1" 1\n', "no sample"),
    ],
)
def test_textfile_faults(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(textfile.TextfileError, match=complaint):
        textfile.parse(text)
    (tmp_path / "bad.prom").write_text(text)
    (tmp_path / "good.prom").write_text("good 1\n")
    families = run("textfile", Host(textfile_directories=(str(tmp_path),)))
    assert families["node_textfile_scrape_error"].value() == 1
    assert families["good"].value() == 1
    assert "a_metric" not in families


def test_textfile_histograms_stay_together(pages: dict[str, dict[str, PageFamily]]) -> None:
    histogram = pages["textfile"]["backup_duration"]
    assert histogram.kind == "histogram"
    assert len(histogram.samples) == 4


def test_selinux_modes() -> None:
    assert selinux.parse(1, "# x\nSELINUX=enforcing\n") == selinux.Selinux(1, 1)
    assert selinux.parse(0, "SELINUX=disabled\n") == selinux.Selinux(-1, 0)
    assert selinux.parse(None, "SELINUX=enforcing") is None


def test_os_release_without_a_number_has_no_version() -> None:
    page = Page()
    os_release.describe(page, os_release.parse("ID=arch\nNAME='Arch Linux'\n# c\n"))
    families = parse_page(page.render().decode())
    assert families["node_os_info"].value(name="Arch Linux") == 1
    assert "node_os_version" not in families


def test_clock_units() -> None:
    raw = timex.Timex(offset=1500, freq=65536 * 100, status=timex.NANO, tick=10000)
    values = timex.parse(5, raw).values
    assert values[timex.OFFSET] == pytest.approx(1.5e-6)
    assert values[timex.FREQUENCY] == pytest.approx(1.0001)
    assert values[timex.TICK] == pytest.approx(0.01)
    assert values[timex.SYNC] == 0
    assert timex.parse(0, timex.Timex(offset=1500)).values[timex.OFFSET] == pytest.approx(1.5e-3)
