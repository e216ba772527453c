"""What the whole stack costs while nothing happens: resident memory and CPU of `vedette up` without the demo."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.servers import free_port
from benchmarks.table import markdown

SETTLE_S, WATCH_S = 30.0, 60.0
ROLES = ("metrics", "alerts", "logs", "ship", "dashboards", "node", "postgres", "redis", "containers")


def run() -> str:
    """The table, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
        project = Path(folder) / "project"
        subprocess.run(
            [sys.executable, "-m", "vedette", "init", str(project)], check=True, capture_output=True
        )
        listen = "".join(f"  {role}: 127.0.0.1:{free_port()}\n" for role in ROLES)
        (project / "vedette.yml").write_text(f"listen:\n{listen}")
        started = time.monotonic()
        argv = [sys.executable, "-m", "vedette", "up", str(project)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("all ready"):
                    break
            ready_s = time.monotonic() - started
            time.sleep(SETTLE_S)
            rows = _watch(process.pid)
        finally:
            process.terminate()
            process.wait(30)
    rss, cpu = (sum(float(row[i]) for row in rows) for i in (1, 2))
    rows.append(["**together**", f"{rss:.0f}", f"{cpu:.1f}"])
    head = f"## The idle stack: the guide's project without the demo, ready after {ready_s:.1f} s\n\n"
    return head + markdown(["process", "RSS, MB", "CPU, % of a core"], rows)


def _watch(pid: int) -> list[list[str]]:
    parent = psutil.Process(pid)
    tree = [parent, *parent.children(recursive=True)]
    before = [sum(p.cpu_times()[:2]) for p in tree]
    time.sleep(WATCH_S)
    return [
        [
            _name(p),
            f"{p.memory_info().rss / 1e6:.0f}",
            f"{100 * (sum(p.cpu_times()[:2]) - cpu) / WATCH_S:.1f}",
        ]
        for p, cpu in zip(tree, before, strict=True)
    ]


def _name(process: psutil.Process) -> str:
    line = process.cmdline()
    if "vedette.stack.watch" in line:
        return "supervisor"
    return ", ".join(word for word in line if word in ROLES) or process.name()
