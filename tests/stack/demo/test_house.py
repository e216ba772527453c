"""The demo runs: real servers, every kind broken and mended, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

import vedette.cli.demo  # noqa: F401  (registers the command)
from support.exposition import parse_page
from support.servers import free_port
from vedette.cli.main import app
from vedette.stack.demo.layout import DemoLayout, open_layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


class Demo:
    """`python -m vedette.stack.demo` as the supervisor runs it."""

    def __init__(self, data_dir: Path) -> None:
        self.layout: DemoLayout = open_layout(
            data_dir, api_port=free_port(), database_port=free_port(), cache_port=free_port()
        )
        self.log = data_dir / "demo.out"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "vedette.stack.demo", "--data-dir", str(data_dir)),
                    *("--api", f"127.0.0.1:{self.layout.api_port}", "--requests-per-second", "20"),
                    *("--database-port", str(self.layout.database_port)),
                    *("--cache-port", str(self.layout.cache_port)),
                ],
                stdout=out,
                stderr=out,
            )
        self.until(lambda: self.layout.control_file.exists())

    def get(self, path: str) -> tuple[int, Any]:
        """(status, body); status 0 when nobody listens."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.layout.api_port}{path}", timeout=10
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def health(self) -> dict[str, Any]:
        status, body = self.get("/health/detailed")
        return {"code": status, **(json.loads(body) if body else {})}

    def until(self, true: Callable[[], Any], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.05)

    def do(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["demo", *words, "--data-dir", str(self.layout.data_dir)])
        assert result.exit_code == 0, result.output
        return result.output

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.layout.app_log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.process.terminate()
    demo.process.wait(10)


def test_it_runs(demo: Demo) -> None:
    demo.until(lambda: demo.health()["code"] == 200)
    demo.until(lambda: len(demo.log_lines()) > 30)
    page = parse_page(demo.get("/metrics")[1].decode())
    requests = page["http_requests_total"]
    assert requests.value(method="GET", endpoint="/fast", status="200") > 3
    # Known routes begin at 0 for errors too, so that the first one counts.
    assert requests.value(method="GET", endpoint="/fast", status="500") == 0
    statuses = [line["status"] for line in demo.log_lines() if "status" in line]
    assert sum(status >= 500 for status in statuses) < 0.2 * len(statuses)
    assert "running" in demo.do("status") and "broken: nothing" in demo.do("status")


def test_servers_want_passwords(demo: Demo) -> None:
    import psycopg
    import redis

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=demo.layout.database_port, user="postgres", dbname="postgres")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=demo.layout.cache_port).get("x")
    with psycopg.connect(demo.layout.postgres_dsn("exporter")) as exporter:
        assert exporter.execute("SELECT pg_has_role('pg_monitor', 'member')").fetchone() == (True,)
        assert exporter.execute("SHOW max_connections").fetchone() == ("50",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            exporter.execute("SELECT * FROM run")


@pytest.mark.parametrize("kind, field", [("database", "database"), ("redis", "redis")])
def test_a_server_stops_and_comes_back(demo: Demo, kind: str, field: str) -> None:
    assert "should fire" in demo.do("break", kind)
    health = demo.health()
    assert (health["code"], health["status"], health[field]) == (
        503,
        "degraded",
        "unhealthy: connection failed",
    )
    demo.do("break", kind)  # again: no fault
    time.sleep(1.2)  # it is not started again while it is meant to be broken
    assert demo.health()["code"] == 503
    demo.do("mend", kind)
    demo.until(lambda: demo.health()["code"] == 200)


def test_the_api_stops_and_comes_back(demo: Demo) -> None:
    demo.do("break", "api")
    assert demo.get("/health")[0] == 0
    demo.do("mend", "api")
    assert demo.get("/health")[0] == 200


def test_errors(demo: Demo) -> None:
    demo.do("break", "errors")
    codes = []
    demo.until(lambda: codes.append(demo.get("/fast")[0]) or len(codes) >= 60)
    assert 5 < codes.count(500) < 50
    demo.do("mend", "errors")
    time.sleep(0.5)
    assert {demo.get("/fast")[0] for _ in range(20)} == {200}


def test_latency_comes_from_the_database(demo: Demo) -> None:
    demo.do("break", "latency")
    time.sleep(0.5)
    started = time.monotonic()
    assert demo.get("/workflows")[0] == 200
    assert time.monotonic() - started > 1.3
    demo.do("mend", "latency")
    demo.until(lambda: _seconds(demo, "/workflows") < 0.5)
    slow = [line for line in demo.log_lines() if line.get("db_duration", 0) > 1000]
    assert slow and slow[0]["duration"] > 1000


def _seconds(demo: Demo, path: str) -> float:
    started = time.monotonic()
    demo.get(path)
    return time.monotonic() - started


def test_what_dies_is_started_again(demo: Demo) -> None:
    victim = next(process for process in demo.family() if process.name() == "valkey-server")
    victim.kill()
    demo.until(lambda: demo.health()["code"] != 200, 10)
    demo.until(lambda: demo.health()["code"] == 200)


def test_wrong_kinds_and_no_demo(demo: Demo, tmp_path: Path) -> None:
    wrong = CliRunner().invoke(app, ["demo", "break", "disk", "--data-dir", str(demo.layout.data_dir)])
    assert wrong.exit_code == 1 and "one of: api, database, redis, errors, latency" in wrong.output
    absent = CliRunner().invoke(app, ["demo", "break", "api", "--data-dir", str(tmp_path)])
    assert absent.exit_code == 1 and "vedette up --demo" in absent.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    demo = Demo(tmp_path)
    family = demo.family()
    assert {"postgres", "valkey-server"} <= {process.name() for process in family}
    started = time.monotonic()
    os.kill(demo.process.pid, number)
    demo.process.wait(10)
    _, alive = psutil.wait_procs(family, 6)
    assert not alive
    assert time.monotonic() - started < 6
    # And it starts again on what it left.
    again = Demo(tmp_path)
    again.until(lambda: again.health()["code"] == 200)
    again.process.terminate()
    again.process.wait(10)
