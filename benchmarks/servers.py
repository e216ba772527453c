"""Servers under measurement: started on free loopback ports over fresh folders, ended by their process id."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PROMETHEUS_FILE = "global: {scrape_interval: 15s}\n"


@dataclass(slots=True)
class Server:
    """A running server and its door."""

    name: str
    base: str
    process: subprocess.Popen[bytes]

    @property
    def tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def rss(self) -> int:
        """Resident bytes of the process and its children."""
        return sum(p.memory_info().rss for p in self.tree)

    def cpu_seconds(self) -> float:
        return sum(sum(p.cpu_times()[:2]) for p in self.tree)

    def peak_rss(self) -> int:
        """The most resident bytes since the last `reset_peak`."""
        return sum(_status_kib(p.pid, "VmHWM") for p in self.tree) * 1024

    def reset_peak(self) -> None:
        for p in self.tree:
            with contextlib.suppress(OSError):
                Path(f"/proc/{p.pid}/clear_refs").write_text("5")


def _status_kib(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def running(name: str, argv: Sequence[str], *, port: int, ready: str, folder: Path) -> Iterator[Server]:
    with (folder / "output.log").open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    server = Server(name, f"http://127.0.0.1:{port}", process)
    try:
        wait_ready(f"{server.base}{ready}", process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_ready(url: str, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server of {url} ended with {process.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{url} was not ready in time")


@contextlib.contextmanager
def metric_servers(keep: Path | None = None) -> Iterator[list[Server]]:
    """Vedette's metrics role, and Prometheus and VictoriaMetrics where they are installed; their data in `keep`."""
    with contextlib.ExitStack() as stack:
        root = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vedette-bench-")))
        servers = [
            stack.enter_context(
                _like_prometheus("vedette", [sys.executable, "-m", "vedette", "metrics"], root)
            )
        ]
        if shutil.which("prometheus"):
            servers.append(stack.enter_context(_like_prometheus("prometheus", ["prometheus"], root)))
        if shutil.which("victoria-metrics"):
            servers.append(stack.enter_context(_victoria(root)))
        yield servers


def _like_prometheus(name: str, program: list[str], root: Path) -> contextlib.AbstractContextManager[Server]:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(PROMETHEUS_FILE)
    port = free_port()
    argv = [
        *program, "--config.file=prometheus.yml", "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver",
    ]  # fmt: skip
    return running(name, argv, port=port, ready="/-/ready", folder=folder)


def _victoria(root: Path) -> contextlib.AbstractContextManager[Server]:
    folder = root / "victoria"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    argv = [
        "victoria-metrics", "-storageDataPath=data", f"-httpListenAddr=127.0.0.1:{port}", "-search.disableCache",
        "-search.latencyOffset=0s", "-search.maxUniqueTimeseries=1000000",
    ]  # fmt: skip
    return running("victoria-metrics", argv, port=port, ready="/health", folder=folder)
