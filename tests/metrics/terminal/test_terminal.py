"""`vedette query` in a real terminal, and in front of a reader who leaves."""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl

import pytest

from support.metrics_server import MetricsServer

pytestmark = pytest.mark.slow

COLORS = re.compile(r"\x1b\[[\d;]*m")


def in_a_terminal(words: list[str], *, columns: int = 80, **environment: str) -> str:
    """What the command writes when it believes that a person looks."""
    mine, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    plain = {
        k: v
        for k, v in os.environ.items()
        if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTEST_CURRENT_TEST")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "query", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**plain, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    written = b""
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            if not select.select([mine], [], [], 1)[0]:
                continue
            block = os.read(mine, 65536)
            if not block:
                break
            written += block
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(mine)
    assert process.wait(20) == 0, written
    return written.decode().replace("\r\n", "\n")


def test_a_terminal_gets_a_table_in_colours_cut_to_its_width(server: MetricsServer) -> None:
    words = [
        "range",
        server.url,
        "rate(http_requests_total[1m])",
        f"--start={server.start_s}",
        f"--end={server.end_s}",
    ]
    written = in_a_terminal(words, columns=72)
    assert COLORS.search(written)
    lines = COLORS.sub("", written).splitlines()
    assert lines[1].split()[-4:] == ["MIN", "AVG", "MAX", "LAST"]
    assert [line for line in lines[1:] if len(line) > 72] == []
    assert "███" in lines[2]


def test_no_color_is_obeyed_and_control_characters_do_not_come_through(server: MetricsServer) -> None:
    for output in ("table", "csv", "promql"):
        words = ["instant", server.url, "temperature", f"--time={server.end_s}", "-o", output]
        written = in_a_terminal(words, NO_COLOR="1")
        assert "\x1b" not in written
        assert r"Ålesund\x1b[31m\nred" in written


def test_a_reader_who_leaves_is_no_fault(server: MetricsServer) -> None:
    # Far more than a pipe holds.
    query = 'label_replace(vector(1), "wide", "%s", "", "")' % ("x" * 100_000)
    started = subprocess.Popen(
        [sys.executable, "-m", "vedette", "query", "range", server.url, query, "--start=-1h", "-o", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert started.stdout is not None
    assert started.stderr is not None
    started.stdout.read(10)
    started.stdout.close()
    assert started.wait(60) == 0
    assert started.stderr.read() == b""
    started.stderr.close()
