"""A process that is killed while it answers: the next start names the query."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from support.servers import free_port
from vedette.metrics.queries.active import FILE_NAME, left_over

pytestmark = pytest.mark.slow

# Some fifty million steps of nothing but counting.
QUERY = "count_over_time((vector(1) > 0)[300d:1s])"


def start(folder: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as err:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "vedette", "metrics", f"--config.file={folder / 'prometheus.yml'}"),
                *(f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"),
                "--query.max-concurrency=7",
            ],
            stderr=err,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


def wait_for(ready: object, what: str) -> None:
    assert callable(ready)
    deadline = time.monotonic() + 40
    while not ready():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_the_next_start_names_the_query(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text("global: {}\n")
    port, url = free_port(), ""
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def ask() -> None:
        with contextlib.suppress(OSError):
            text = urllib.parse.urlencode({"query": QUERY})
            urllib.request.urlopen(f"{url}/api/v1/query?{text}", timeout=60).read()

    active = tmp_path / "data" / FILE_NAME
    program = start(tmp_path, port, tmp_path / "first.log")
    try:
        wait_for(answers, "the role does not start")
        assert active.stat().st_size == 1 + 7 * 1000
        threading.Thread(target=ask, daemon=True).start()
        wait_for(lambda: QUERY.encode() in active.read_bytes(), "the query is not listed")
    finally:
        program.kill()
        program.wait(10)
    assert [entry["query"] for entry in json.loads(left_over(active))] == [QUERY]

    log = tmp_path / "second.log"
    program = start(tmp_path, port, log)
    try:
        wait_for(answers, "the role does not start again")
        text = log.read_text()
        assert "These queries didn't finish in prometheus' last run:" in text
        assert "count_over_time((vector(1)" in text
        assert left_over(active) == b""
    finally:
        program.terminate()
        program.wait(20)
