"""Control groups from a small tree of files, processes from this machine, names from a Docker made of sockets."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiohttp import web

from support.asgi import ask
from support.exposition import PageFamily, parse_page
from vedette.exporters.containers import cgroup, processes
from vedette.exporters.containers.docker import container_id
from vedette.exporters.containers.service import ContainersExporter, ContainersOptions

ID = "4f3c" * 16
GROUP = f"system.slice/docker-{ID}.scope"
FILES = {
    "cpu.stat": "usage_usec 44709688\nuser_usec 40000000\nsystem_usec 4709688\nnr_periods 90\nnr_throttled 7\nthrottled_usec 1500000\n",
    "cpu.max": "50000 100000\n",
    "cpu.weight": "100\n",
    "memory.current": "104857600\n",
    "memory.max": "209715200\n",
    "memory.low": "0\n",
    "memory.peak": "150000000\n",
    "memory.swap.current": "4096\n",
    "memory.swap.max": "max\n",
    "memory.stat": "anon 60000000\nfile 40000000\nfile_mapped 1000\ninactive_file 30000000\npgfault 12\npgmajfault 3\n",
    "memory.events": "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n",
    "pids.current": "9\n",
    "pids.max": "max\n",
    "cgroup.procs": "100\n101\n",
    "io.stat": "8:0 rbytes=1024 wbytes=2048 rios=1 wios=2 dbytes=0 dios=0\n254:0 rbytes=5 wbytes=6 rios=7 wios=8\n",
    "memory.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    root = tmp_path / "cgroup"
    (root / GROUP).mkdir(parents=True)
    (root / "cgroup.controllers").write_text("cpu io memory pids\n")
    (root / "memory.stat").write_text("anon 5\n")
    for name, text in FILES.items():
        (root / GROUP / name).write_text(text)
    (tmp_path / "sys/block/sda").mkdir(parents=True)
    (tmp_path / "sys/block/sda/dev").write_text("8:0\n")
    return tmp_path


def options(machine: Path, **more: object) -> ContainersOptions:
    return ContainersOptions(
        cgroupfs=machine / "cgroup",
        sysfs=machine / "sys",
        docker_socket=machine / "docker.sock",
        **more,  # type: ignore[arg-type]
    )


def scrape(wanted: ContainersOptions) -> dict[str, PageFamily]:
    async def once() -> str:
        async with ContainersExporter(wanted) as exporter:
            return (await ask(exporter.app, "/metrics")).text

    return parse_page(asyncio.run(once()))


@pytest.mark.parametrize(
    "metric, more, value",
    [
        ("container_cpu_usage_seconds_total", {"cpu": "total"}, 44.709688),
        ("container_cpu_user_seconds_total", {}, 40),
        ("container_cpu_cfs_throttled_periods_total", {}, 7),
        ("container_cpu_cfs_throttled_seconds_total", {}, 1.5),
        ("container_spec_cpu_quota", {}, 50000),
        ("container_spec_cpu_period", {}, 100000),
        ("container_memory_usage_bytes", {}, 104857600),
        ("container_memory_working_set_bytes", {}, 104857600 - 30000000),
        ("container_memory_rss", {}, 60000000),
        ("container_memory_cache", {}, 40000000),
        ("container_memory_swap", {}, 4096),
        ("container_memory_max_usage_bytes", {}, 150000000),
        ("container_spec_memory_limit_bytes", {}, 209715200),
        ("container_spec_memory_swap_limit_bytes", {}, 0),
        ("container_memory_failcnt", {}, 4),
        ("container_memory_failures_total", {"failure_type": "pgmajfault"}, 3),
        ("container_oom_events_total", {}, 1),
        ("container_processes", {}, 2),
        ("container_threads", {}, 9),
        ("container_threads_max", {}, 0),
        ("container_fs_reads_bytes_total", {"device": "/dev/sda"}, 1024),
        ("container_fs_writes_total", {"device": "254:0"}, 8),
        ("container_pressure_memory_stalled_seconds_total", {}, 0.5),
    ],
)
def test_a_container(machine: Path, metric: str, more: dict[str, str], value: float) -> None:
    families = scrape(options(machine))
    assert families[metric].value(id=f"/{GROUP}", name=ID[:12], image="", **more) == pytest.approx(value)


def test_other_groups_have_no_name_and_can_be_left_out(machine: Path) -> None:
    rss = scrape(options(machine))["container_memory_rss"]
    assert rss.value(id="/", name="", image="") == 5
    only = scrape(options(machine, docker_only=True))["container_memory_rss"]
    assert [dict(labels)["id"] for _, labels in only.samples] == [f"/{GROUP}"]


def test_a_group_can_be_given_a_name(machine: Path) -> None:
    families = scrape(options(machine, names={"my-api": f"cgroup:/{GROUP}"}))
    assert families["container_memory_usage_bytes"].value(name="my-api") == 104857600


def test_version_1_has_no_groups(tmp_path: Path) -> None:
    assert cgroup.find_root(tmp_path) is None
    families = scrape(ContainersOptions(cgroupfs=tmp_path, docker_socket=tmp_path / "none"))
    assert "container_memory_rss" not in families
    assert families["machine_cpu_cores"].value() == os.cpu_count()
    assert families["container_scrape_error"].value() == 0


def test_names_from_docker(machine: Path) -> None:
    asked = []

    async def containers(request: web.Request) -> web.Response:
        asked.append(request.path)
        item = {"Id": ID, "Names": ["/automation-orchestrator-api"], "Image": "orchestrator:1.2"}
        return web.Response(text=json.dumps([item]), content_type="application/json")

    async def check() -> None:
        app = web.Application()
        app.router.add_get("/containers/json", containers)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.UnixSite(runner, str(machine / "docker.sock")).start()
        try:
            async with ContainersExporter(options(machine)) as exporter:
                for _ in range(3):
                    page = parse_page((await ask(exporter.app, "/metrics")).text)
        finally:
            await runner.cleanup()
        assert page["container_memory_usage_bytes"].value(
            name="automation-orchestrator-api", image="orchestrator:1.2"
        )
        assert asked == ["/containers/json"]  # once: it knows them all

    asyncio.run(check())


@pytest.mark.parametrize(
    "path, id",
    [
        (f"/docker/{ID}", ID),
        (f"/system.slice/docker-{ID}.scope", ID),
        (f"/kubepods.slice/cri-containerd-{ID}.scope", ID),
        ("/system.slice/ssh.service", None),
        (f"/docker/{ID}/inner", None),
    ],
)
def test_container_ids(path: str, id: str | None) -> None:
    assert container_id(path) == id


SERVER = """
import socket, subprocess, sys, time
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(30_000_000); import time; time.sleep(60)"], close_fds=False)
print("ready", flush=True)
time.sleep(60)
"""


def test_a_process_by_its_port_with_its_children(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    names = {"automation-orchestrator-api": f"port:{port}"}
    assert "container_processes" not in scrape(ContainersOptions(names=names, cgroupfs=tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, start_new_session=True
    ) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            time.sleep(0.5)
            families = scrape(ContainersOptions(names=names, cgroupfs=tmp_path))
        finally:
            os.killpg(server.pid, 9)
    who = {"name": "automation-orchestrator-api", "id": "/process/automation-orchestrator-api", "image": ""}
    assert families["container_processes"].value(**who) == 2
    assert families["container_memory_working_set_bytes"].value(**who) > 35e6
    assert families["container_spec_memory_limit_bytes"].value(**who) == 0
    assert families["container_cpu_usage_seconds_total"].value(**who, cpu="total") > 0
    assert abs(families["container_start_time_seconds"].value(**who) - time.time()) < 60


def test_a_process_by_pidfile_and_command(tmp_path: Path) -> None:
    stats = processes.read_stats(Path("/proc"))
    (tmp_path / "me.pid").write_text(f"{os.getpid()}\n")
    assert processes.parse_selector(f"pidfile:{tmp_path}/me.pid")(Path("/proc"), stats) == os.getpid()
    assert processes.parse_selector("pidfile:/nowhere")(Path("/proc"), stats) is None
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(30)  # vedette-test-marker"]
    ) as child:
        try:
            time.sleep(0.2)
            stats = processes.read_stats(Path("/proc"))
            found = processes.parse_selector("command:vedette-test-m[a]rker")(Path("/proc"), stats)
        finally:
            child.kill()
    assert found == child.pid


@pytest.mark.parametrize("selector", ["8000", "port:http", "command:(", "pidfile:", "thing:x"])
def test_bad_selectors(selector: str) -> None:
    with pytest.raises(processes.SelectorError):
        processes.parse_selector(selector)


def test_a_process_name_may_hold_anything() -> None:
    numbers = " ".join(str(n) for n in range(1, 50))
    stat = processes.parse_stat(f"77 (evil) R 1 (x) S {numbers}")
    assert (stat.pid, stat.parent, stat.cpu_user, stat.cpu_system) == (77, 1, 11, 12)
    assert (stat.threads, stat.start, stat.rss) == (17, 19, 21 * processes.PAGE_BYTES)


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it(machine: Path) -> None:
    async def once() -> bytes:
        async with ContainersExporter(options(machine)) as exporter:
            return (await ask(exporter.app, "/metrics")).body

    done = subprocess.run(["promtool", "check", "metrics"], input=asyncio.run(once()), capture_output=True)
    assert b"error while linting" not in done.stderr, done.stderr
