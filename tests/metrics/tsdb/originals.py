"""Debian's prometheus on a data directory, for tests that compare."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Samples = dict[str, list[tuple[int, float]]]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Prometheus:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, **params: Any) -> Any:
        query = urllib.parse.urlencode(params, doseq=True)
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}", timeout=30
        ) as answer:
            return json.load(answer)["data"]

    def post(self, path: str, **params: Any) -> int:
        query = urllib.parse.urlencode(params, doseq=True)
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}", method="POST", data=b""
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@contextlib.contextmanager
def prometheus(
    data: Path, scratch: Path, config: str = "scrape_configs: []\n", *flags: str
) -> Iterator[Prometheus]:
    """A server on `data`, ready to answer; killed at the end if the test did not stop it."""
    binary = program("prometheus")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = scratch / "prometheus.yml"
    file.write_text(config)
    errors = (scratch / "prometheus.log").open("ab")
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={file}",
            f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=100y",
            "--web.enable-admin-api",
            *flags,
        ],
        stdout=errors,
        stderr=errors,
    )
    server = Prometheus(process, port)
    try:
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None:
                raise AssertionError(f"prometheus ended:\n{(scratch / 'prometheus.log').read_text()}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                pass
            assert time.monotonic() < deadline, "prometheus is not ready after 30 s"
            time.sleep(0.05)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(20)
        errors.close()


def everything(server: Prometheus, end_s: float, window: str) -> Samples:
    """All samples in the `window` before `end_s`, by series as text."""
    data = server.get("query", query='{__name__=~".+"}[' + window + "]", time=end_s)
    out: Samples = {}
    for series in data["result"]:
        labels = ",".join(f"{k}={v}" for k, v in sorted(series["metric"].items()))
        out[labels] = [(round(float(t) * 1000), float(v)) for t, v in series["values"]]
    return out
