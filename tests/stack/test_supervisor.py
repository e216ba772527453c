from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from vedette.stack import supervisor as module
from vedette.stack.supervisor import Door, ProcessSpec, State, Supervisor

SERVER = """
import http.server, signal, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *a): pass
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def door(role: str) -> Door:
    return Door(role, "127.0.0.1", free_port(), "/")


def server(name: str, at: Door) -> ProcessSpec:
    return ProcessSpec(name, [sys.executable, "-c", SERVER, str(at.port)], doors=[at])


async def until(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(module, "PROBE_EVERY_S", 0.02)


async def test_what_dies_is_started_again(tmp_path: Path) -> None:
    at = door("metrics")
    sup = Supervisor([server("metrics", at)], tmp_path)
    sup.start()
    await until(lambda: sup.ready)
    first = sup.processes[0].pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: sup.ready and sup.processes[0].pid != first)
    assert sup.processes[0].restarts == 1
    assert sup.processes[0].last_exit == "killed by SIGKILL"
    await sup.stop()
    assert at.state is State.STOPPED
    assert sup.processes[0].pid is None
    assert "listening" in (tmp_path / "metrics.log").read_text()


async def test_a_reload_waits_for_what_is_starting(tmp_path: Path) -> None:
    script = (
        "import signal, sys, time\n"
        "time.sleep(0.5)\n"
        "signal.signal(signal.SIGHUP, lambda *_: print('reloaded', flush=True))\n" + SERVER
    )
    at = door("metrics")
    sup = Supervisor([ProcessSpec("m", [sys.executable, "-c", script, str(at.port)], doors=[at])], tmp_path)
    sup.start()
    process = sup.processes[0]
    await until(lambda: process.pid is not None)
    sup.reload()
    await until(lambda: "reloaded" in process.tail)
    sup.reload()
    await until(lambda: list(process.tail).count("reloaded") == 2)
    assert process.restarts == 0
    await sup.stop()


async def test_what_keeps_dying_is_started_less_and_less_often(tmp_path: Path) -> None:
    script = "import time, sys; print('bad config', flush=True); sys.exit(3)"
    sup = Supervisor([ProcessSpec("x", [sys.executable, "-c", script])], tmp_path)
    started = time.monotonic()
    sup.start()
    await until(lambda: sup.processes[0].restarts >= 3)
    assert time.monotonic() - started >= 0.05 + 0.1 + 0.2
    assert sup.processes[0].last_exit == "exit code 3"
    assert "bad config" in sup.processes[0].tail
    await sup.stop()


async def test_a_process_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_GRACE_S", 0.3)
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    sup = Supervisor([ProcessSpec("deaf", [sys.executable, "-c", script])], tmp_path)
    sup.start()
    await until(lambda: "deaf" in sup.processes[0].tail)
    pid = sup.processes[0].pid
    assert pid is not None
    await sup.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_stores_ends_after_what_sends_to_it(tmp_path: Path) -> None:
    """The sender takes a while to end, and the store is there until it has."""
    script = (
        "import signal, sys, time\n"
        "def end(*_): time.sleep(float(sys.argv[1])); print(time.monotonic(), flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True)\n"
        "while True: time.sleep(1)"
    )
    specs = [
        ProcessSpec("store", [sys.executable, "-c", script, "0"], stores=True),
        ProcessSpec("sender", [sys.executable, "-c", script, "0.4"]),
    ]
    sup = Supervisor(specs, tmp_path)
    sup.start()
    await until(lambda: all("up" in p.tail for p in sup.processes))
    await sup.stop()
    store, sender = (float(p.tail[-1]) for p in sup.processes)
    assert sender <= store


async def test_a_door_that_stops_answering_is_not_ready(tmp_path: Path) -> None:
    at = door("logs")
    sup = Supervisor([server("logs", at)], tmp_path)
    sup.start()
    await until(lambda: sup.ready)
    pid = sup.processes[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    monkey = at.state
    assert monkey is State.READY
    await until(lambda: at.state is State.UNREADY)
    os.kill(pid, signal.SIGCONT)
    await until(lambda: at.state is State.READY)
    await sup.stop()


async def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    sup = Supervisor([ProcessSpec("ghost", ["/no/such/program"])], tmp_path)
    sup.start()
    await until(lambda: sup.processes[0].last_exit)
    assert "can't be started" in sup.processes[0].last_exit
    await sup.stop()
