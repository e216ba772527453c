"""The node exporter at its door, against the names of the current original and against Debian's."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

from support.asgi import Client
from support.exposition import PageFamily, known_metrics, parse_page
from support.shared import shared_path
from vedette.exporters.node.service import NodeExporter, NodeOptions

# Families named after what the kernel lists; the reference has those of one kernel.
GENERATED = re.compile(r"node_(memory|netstat|vmstat|sockstat|network)_")


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(NodeExporter(NodeOptions()).app)


@pytest.fixture(scope="module")
def page(client: Client) -> str:
    return client.get("/metrics").text


@pytest.fixture(scope="module")
def families(page: str) -> dict[str, PageFamily]:
    return parse_page(page)


def test_content_type_and_index(client: Client) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'href="/metrics"' in client.get("/").text
    assert client.get("/nothing").status_code == 404


def test_names_types_and_labels_are_the_originals(families: dict[str, PageFamily]) -> None:
    known = known_metrics(shared_path("reference/exporters/node-current-names.txt").read_text())
    compared = 0
    for name, family in families.items():
        if not name.startswith("node_") or name.startswith(("node_exporter_", "node_dmi_")):
            continue
        if name not in known:
            assert GENERATED.match(name), f"the original has no {name}"
            continue
        compared += 1
        assert family.kind == known[name].kind, name
        assert family.labels == known[name].labels, name
    assert compared > 100


@pytest.mark.parametrize(
    "name",
    [
        "node_cpu_seconds_total",
        "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes",
        "node_load15",
        "node_memory_MemTotal_bytes",
        "node_memory_MemAvailable_bytes",
        "node_network_receive_bytes_total",
        "node_uname_info",
        "node_exporter_build_info",
        "process_cpu_seconds_total",
    ],
)
def test_what_rules_and_dashboards_need(families: dict[str, PageFamily], name: str) -> None:
    assert families[name].samples


def test_every_collector_reports(families: dict[str, PageFamily]) -> None:
    success = families["node_scrape_collector_success"]
    for name in ("cpu", "meminfo", "filesystem", "diskstats", "netdev", "loadavg", "stat", "uname", "time"):
        assert success.value(collector=name) == 1, name
    assert len(success.samples) == len(families["node_scrape_collector_duration_seconds"].samples)


def test_collect_and_exclude(client: Client) -> None:
    only = parse_page(client.get("/metrics?collect[]=loadavg").text)
    assert "node_load1" in only and "node_memory_MemTotal_bytes" not in only
    without = parse_page(client.get("/metrics?exclude[]=loadavg").text)
    assert "node_load1" not in without and "node_memory_MemTotal_bytes" in without
    unknown = client.get("/metrics?collect[]=nonsense")
    assert unknown.status_code == 400 and "missing collector: nonsense" in unknown.text
    assert client.get("/metrics?collect[]=cpu&exclude[]=cpu").status_code == 400


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it(page: str) -> None:
    done = subprocess.run(["promtool", "check", "metrics"], input=page.encode(), capture_output=True)
    assert b"error while linting" not in done.stderr, done.stderr


ORIGINAL = shutil.which("prometheus-node-exporter")
# 1.5.0 -> 1.12.1, as the header of the reference file lists them.
NEW_LABELS = {"device_error", "rotational", "adminstate"}
# Constant between two scrapes a second apart.
STEADY = (
    "node_memory_MemTotal_bytes",
    "node_filesystem_size_bytes",
    "node_boot_time_seconds",
    "node_uname_info",
    "node_filefd_maximum",
    "node_network_mtu_bytes",
    "node_os_version",
    "node_entropy_pool_size_bits",
    "node_timex_tick_seconds",
)
GROWING = ("node_cpu_seconds_total", "node_disk_written_bytes_total", "node_network_receive_bytes_total")


@pytest.mark.differential
@pytest.mark.slow
@pytest.mark.skipif(ORIGINAL is None, reason="prometheus-node-exporter is not installed")
def test_beside_debians() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(ORIGINAL), f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    try:
        theirs = parse_page(_fetch(f"http://127.0.0.1:{port}/metrics"))
        ours = parse_page(NodeExporter(NodeOptions()).scrape_page().decode())
    finally:
        process.terminate()
        process.wait(10)
    shared = [name for name in theirs if name.startswith("node_") and name in ours]
    assert len(shared) > 200
    for name in shared:
        assert ours[name].kind == theirs[name].kind, name
        assert ours[name].help == theirs[name].help, name
        assert ours[name].labels - theirs[name].labels <= NEW_LABELS, name
        assert theirs[name].labels <= ours[name].labels, name
    for name in STEADY:
        for (_, labels), value in theirs[name].samples.items():
            assert ours[name].value(**dict(labels)) == pytest.approx(value), (name, labels)
    for name in GROWING:
        for (_, labels), value in theirs[name].samples.items():
            if "zram" not in str(labels):  # left out by the current original, too
                assert ours[name].value(**dict(labels)) == pytest.approx(value, rel=0.2, abs=5e6), (
                    name,
                    labels,
                )


def _fetch(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")
