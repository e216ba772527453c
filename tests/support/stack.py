"""The whole stack as a user runs it, in a directory of its own, with durations made short and every port a free one."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import psutil

from vedette.stack.settings import DEFAULT_PORTS, DEMO_PORTS

T = TypeVar("T")

# What the guide says, and what it says in a test. Windows stay long enough for some scrapes and visits.
SHORTER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "prometheus.yml": ((r"(scrape|evaluation)_interval: \d+s", r"\1_interval: 1s"),),
    "alerts.yml": ((r"interval: 30s", "interval: 1s"), (r"for: \d+m", "for: 2s"), (r"\[5m\]", "[15s]")),
    "recording_rules.yml": ((r"interval: 15s", "interval: 1s"), (r"\[[15]m\]", "[15s]")),
    "alertmanager.yml": (
        (r"group_wait: 10s", "group_wait: 1s"),
        (r"group_interval: 5m", "group_interval: 1s"),
        (r"repeat_interval: 12h", "repeat_interval: 1h"),
    ),
    "dashboards/api-overview.json": ((r"\[5m\]", "[15s]"),),
    "dashboards/database.json": ((r"\[5m\]", "[15s]"),),
}


def vedette(*words: str | Path, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "vedette", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def free_ports(names: list[str]) -> dict[str, int]:
    """A different free port for each name: all are held until the last is found."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: int(probe.getsockname()[1]) for name, probe in zip(names, probes, strict=True)}


def write_project(directory: Path) -> dict[str, int]:
    """`vedette init`, made short, with `vedette.yml`; the port of each role and demo part."""
    done = vedette("init", directory)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, changes in SHORTER.items():
        file = directory / name
        text = file.read_text()
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text)
            assert count, f"{name} has no {pattern} any more"
        file.write_text(text)
    ports = free_ports([*DEFAULT_PORTS, *DEMO_PORTS])
    listen = "".join(f"  {name}: 127.0.0.1:{port}\n" for name, port in ports.items())
    (directory / "vedette.yml").write_text(f"listen:\n{listen}")
    return ports


def eventually(look: Callable[[], T], seconds: float = 60, *, what: str = "", every_s: float = 0.2) -> T:
    """What `look` gives once it is true; fails with what it gave last. A door that does not answer is not there yet."""
    deadline = time.monotonic() + seconds
    while True:
        seen: object
        try:
            if found := look():
                return found
            seen = found
        except OSError as error:
            seen = error
        assert time.monotonic() < deadline, (
            f"not within {seconds:g} s: {what or look.__name__}; last: {seen!r}"
        )
        time.sleep(every_s)


class Stack:
    """`vedette up --demo DIR`, running."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.ports = write_project(directory)
        self.out = directory / "up.out"
        environment = os.environ | {"COLUMNS": "200"}
        # A database or Redis of whoever runs the tests is not for the tests.
        for name in ("DATABASE_URL", "REDIS_URL", "DATA_SOURCE_NAME", "REDIS_ADDR", "REDIS_PASSWORD"):
            environment.pop(name, None)
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vedette", "up", "--demo", str(directory)],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    # Its life

    def said(self) -> str:
        return self.out.read_text()

    def wait_ready(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while "all ready after" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def family(self) -> list[psutil.Process]:
        """Every process that began with this one."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def role_process(self, *roles: str) -> psutil.Process:
        """The one that runs these roles."""
        for child in psutil.Process(self.process.pid).children():
            words = child.cmdline()
            if "vedette.stack.run" in words and set(roles) <= set(words):
                return child
        raise AssertionError(f"no process runs {roles}")

    def interrupt(self, limit_s: float) -> tuple[float, list[psutil.Process]]:
        """Ctrl-C: the seconds until its end, and what is left of its children (then ended, so that nothing stays)."""
        family = self.family()
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        took = time.monotonic() - started
        _, left = psutil.wait_procs(family, timeout=max(0.5, limit_s - took))
        for process in left:
            process.kill()
        return took, left

    # Its doors

    def url(self, role: str, path: str = "", **query: str) -> str:
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        return f"http://127.0.0.1:{self.ports[role]}{path}{asked}"

    def ask(
        self, role: str, path: str, body: bytes | None = None, *, kind: str = "application/json", **query: str
    ) -> tuple[int, bytes]:
        """(status, body) of GET, or of POST with a body. Raises `OSError` when nobody answers."""
        request = urllib.request.Request(self.url(role, path, **query), data=body)
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, role: str, path: str, **query: str) -> Any:
        """The JSON behind a path; for the doors that wrap it, what is in `data`."""
        status, body = self.ask(role, path, **query)
        if status >= 500:
            raise OSError(f"{role}{path}: {status} {body[:300]!r}")
        assert status == 200, (role, path, status, body[:500])
        read = json.loads(body)
        return read["data"] if isinstance(read, dict) and "data" in read else read

    def query(self, expr: str) -> list[dict[str, Any]]:
        """An instant vector: `metric` and `value` of each series."""
        found: list[dict[str, Any]] = self.get("metrics", "/api/v1/query", query=expr)["result"]
        return found

    def lines(self, logql: str, since_s: float = 900) -> list[tuple[dict[str, str], str]]:
        """(labels, line) of what a log query finds."""
        now = time.time()
        answer = self.get(
            "logs",
            "/loki/api/v1/query_range",
            query=logql,
            start=str(int((now - since_s) * 1e9)),
            end=str(int((now + 1) * 1e9)),
            limit="5000",
        )
        return [(stream["stream"], line) for stream in answer["result"] for _, line, *_ in stream["values"]]

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        """What has arrived in the inbox since message number `after`, oldest first."""
        found = self.get("inbox", "/api/messages")["messages"]
        return sorted((m for m in found if m["number"] > after), key=lambda m: int(m["number"]))

    def demo(self, do: str, kind: str) -> str:
        done = vedette("demo", do, kind, "--dir", self.directory)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
