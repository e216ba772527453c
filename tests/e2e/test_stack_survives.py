"""Any process of the stack may be killed: it comes back, and what it had acknowledged is still there."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta

import cramjam
import psutil
import pytest

from support.prompb import write_request
from support.stack import Stack, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def kill(stack: Stack, *roles: str) -> psutil.Process:
    """SIGKILL to the process of these roles; the one that came in its place, once it is ready."""
    victim = stack.role_process(*roles)
    at = len(stack.said())
    victim.kill()
    # `said` is what the user reads: first that it fell and how, then that it is there again.
    eventually(lambda: "killed by SIGKILL" in stack.said()[at:], what=f"{roles} reported as killed")
    for role in roles:
        eventually(lambda r=role: comes_back(stack.said()[at:], r), what=f"{role} ready again")
    new = stack.role_process(*roles)
    assert new.pid != victim.pid
    return new


def comes_back(said: str, role: str) -> bool:
    lines = [line for line in said.splitlines() if f" {role} " in line]
    return bool(lines) and "ready (started " in lines[-1]


def test_acknowledged_samples_survive_the_metrics_role(stack: Stack) -> None:
    name = f"e2e_{uuid.uuid4().hex[:8]}"
    now = int(time.time() * 1000)
    for part in range(10):
        body = write_request(
            (
                [("__name__", name), ("part", str(part)), ("series", str(number))],
                [(now - 9000 + step * 1000, part * 1000 + number + step) for step in range(10)],
            )
            for number in range(20)
        )
        status, said = stack.ask(
            "metrics",
            "/api/v1/write",
            bytes(cramjam.snappy.compress_raw(body)),
            kind="application/x-protobuf",
        )
        assert status == 204, said
    scraped = stack.query("max_over_time(timestamp(up{job='node'})[10s:1s])")[0]["value"][1]
    kill(stack, "metrics")
    eventually(lambda: stack.query(name))
    at = f"@ {now / 1000:.3f}"
    assert stack.query(f"count({name} {at})")[0]["value"][1] == "200"
    assert stack.query(f"sum(count_over_time({name}[10001ms] {at}))")[0]["value"][1] == "2000"
    total = sum(part * 1000 + number + 9 for part in range(10) for number in range(20))
    assert stack.query(f"sum({name} {at})")[0]["value"][1] == str(total)
    # What was scraped before is there, and scraping goes on.
    assert stack.query(f"up{{job='node'}} @ {scraped}")
    back = f"timestamp(up{{job='node'}}) > {time.time()}"
    eventually(lambda: stack.query(back), what="new scrapes")


def test_acknowledged_lines_survive_the_logs_role(stack: Stack) -> None:
    mark = uuid.uuid4().hex
    now = time.time_ns()
    for part in range(10):
        values = [[str(now + part * 100 + n), f"{mark} line {part * 100 + n}"] for n in range(100)]
        body = json.dumps({"streams": [{"stream": {"job": "e2e", "part": str(part)}, "values": values}]})
        status, said = stack.ask("logs", "/loki/api/v1/push", body.encode())
        assert status == 204, said
    kill(stack, "logs")
    query = f'{{job="e2e"}} |= "{mark}"'
    eventually(lambda: stack.lines(query))
    assert sorted(line for _, line in stack.lines(query)) == sorted(f"{mark} line {n}" for n in range(1000))
    # Lines of the application arrive again.
    stack.ask("api", f"/gone/{mark}")
    eventually(lambda: stack.lines(f'{{job="automation-orchestrator"}} |= "/gone/{mark}"'))


def test_silences_and_followed_files_survive_the_light_roles(stack: Stack) -> None:
    mark = uuid.uuid4().hex
    file = stack.data / "app-logs" / f"{mark}.log"
    file.write_text(f"{mark} before\n")
    query = f'{{job="automation-orchestrator"}} |= "{mark}"'
    eventually(lambda: stack.lines(query), what="a new file is followed")
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "mark", "value": mark, "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "e2e",
        "comment": "survives",
    }
    status, said = stack.ask("alerts", "/api/v2/silences", json.dumps(silence).encode())
    assert status == 200, said
    made = json.loads(said)["silenceID"]
    told = len(stack.messages())
    kill(stack, "alerts", "dashboards", "node", "postgres", "redis", "containers", "ship")
    with file.open("a") as out:
        out.write(f"{mark} after\n")
    assert stack.get("alerts", f"/api/v2/silence/{made}")["status"]["state"] == "active"
    # Positions are written every ten seconds, as Promtail's: a line may come twice, but none is passed over.
    both = {f"{mark} before", f"{mark} after"}
    eventually(lambda: {line for _, line in stack.lines(query)} == both, what="both lines")
    eventually(lambda: len(stack.query("up == 1")) == 10, what="all targets up")
    assert len(stack.messages()) >= told


def test_the_demo_comes_back_with_its_data(stack: Stack) -> None:
    """Its servers die with it, and PostgreSQL recovers."""
    [demo] = [p for p in stack.family() if "vedette.stack.demo" in p.cmdline()]
    servers = demo.children(recursive=True)
    assert servers
    runs = int(stack.query("sum(pg_stat_user_tables_n_tup_ins{relname='run'})")[0]["value"][1])
    demo.kill()
    _, left = psutil.wait_procs(servers, timeout=10)
    assert not left

    def working() -> bool:
        status, body = stack.ask("api", "/workflows")
        return status == 200 and len(json.loads(body)) == 20

    eventually(working, what="the application answers from its database")
    assert runs > 0
    status, body = stack.ask("api", "/workflows/1/run", b"")
    assert status == 201
    assert json.loads(body)["run"] > 1
