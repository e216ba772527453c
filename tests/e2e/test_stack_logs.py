"""From a line in the application's log file to the guide's four log queries, through ship and the logs role."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from support.stack import Stack, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

GUIDE = Path(__file__).parents[2] / "guide" / "log-queries.logql"
ERRORS, SLOW, AUTH, SLOW_DATABASE = (line for line in GUIDE.read_text().splitlines() if line.startswith("{"))


def found(stack: Stack, query: str, mark: str = "") -> list[tuple[dict[str, str], dict[str, Any]]]:
    """(labels, the line read) of what a query finds among the lines that hold `mark`."""
    return [(labels, json.loads(line)) for labels, line in stack.lines(query) if mark in line]


def test_errors_of_the_application(stack: Stack) -> None:
    status, _ = stack.ask("api", "/failing")
    assert status == 500
    lines = eventually(lambda: found(stack, ERRORS, '"/failing"'))
    assert all(line["status"] >= 500 for _, line in found(stack, ERRORS))
    labels, line = lines[0]
    assert labels["job"] == "automation-orchestrator"
    assert labels["status"] == "500"
    assert line["endpoint"] == "/failing"
    # What went well stands in the log, and is not found.
    assert found(stack, '{job="automation-orchestrator"} | json | status=200')


def test_failed_logins(stack: Stack) -> None:
    user = f"mallory-{uuid.uuid4().hex[:8]}"
    body = json.dumps({"user": user, "password": "guess"}).encode()
    status, _ = stack.ask("api", "/login", body)
    assert status == 401
    (labels, line), *rest = eventually(lambda: found(stack, AUTH, user))
    assert not rest
    assert (line["message"], line["user"], labels["level"]) == ("auth_failed", user, "warn")
    assert {line["message"] for _, line in found(stack, AUTH)} == {"auth_failed"}


def test_slow_requests_and_slow_database(stack: Stack) -> None:
    """The report really waits for the database for more than five seconds while latency is broken."""
    stack.demo("break", "latency")
    try:
        time.sleep(0.5)  # the application looks at what is broken four times a second
        began = time.monotonic()
        status, _ = stack.ask("api", "/reports/daily")
        assert status == 200
        assert time.monotonic() - began > 5
    finally:
        stack.demo("mend", "latency")
    for query, key, limit in ((SLOW, "duration", 1000), (SLOW_DATABASE, "db_duration", 5000)):
        lines = eventually(lambda q=query: found(stack, q, "/reports/daily"), what=query)
        assert lines[0][1]["db_duration"] > 5000
        assert all(line[key] > limit for _, line in found(stack, query))


def test_lines_of_any_log_file_in_the_folder(stack: Stack) -> None:
    """Another file of the same shape: exactly the lines that each query is about, each once."""
    mark = uuid.uuid4().hex

    def line(**fields: Any) -> str:
        return json.dumps(
            {"level": "info", "message": "GET /x", "mark": mark, "n": fields.pop("n"), **fields}
        )

    lines = [
        line(n=0, status=200, duration=999.9, db_duration=4999.9),
        line(n=1, status=503, duration=5.0),
        line(n=2, status=200, duration=1000.5),
        line(n=3, status=499, duration="broken"),
        line(n=4, message="auth_failed for root"),
        line(n=5, message="ok", note="auth_failed"),
        line(n=6, status=200, duration=6000, db_duration=5000.5),
        f"not json, but {mark} status=500",
    ]
    with (stack.data / "app-logs" / "batch.log").open("a") as out:
        out.write("\n".join(lines[:4]) + "\n")
        out.flush()
        time.sleep(0.3)
        out.write("\n".join(lines[4:]) + "\n")
    everything = f'{{job="automation-orchestrator"}} |= "{mark}"'
    eventually(lambda: len(stack.lines(everything)) == len(lines), what="all lines of the file")
    assert sorted(text for _, text in stack.lines(everything)) == sorted(lines)

    def numbers(query: str) -> list[int]:
        hits = [re.search(r'"n": (\d+)', text) for _, text in stack.lines(query) if mark in text]
        return sorted(int(hit[1]) for hit in hits if hit)

    assert numbers(ERRORS) == [1]
    assert numbers(SLOW) == [2, 6]
    assert numbers(AUTH) == [4]
    assert numbers(SLOW_DATABASE) == [6]
