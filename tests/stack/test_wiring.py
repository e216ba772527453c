"""What a project gives its roles."""

from __future__ import annotations

from pathlib import Path

from vedette.logs.service import LogsRole
from vedette.stack.init import write_project
from vedette.stack.plan import Plan, read_plan, write_plan
from vedette.stack.project import open_project
from vedette.stack.supervisor import Door, ProcessSpec, State
from vedette.stack.up import environment, make_specs, taken_addresses
from vedette.stack.wiring import build_role, roles_of
from vedette.web.role import Listen, WebServer

HOUR_NS = 3600 * 10**9


def project_at(path: Path, settings: str = "", env: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    list(write_project(path))
    (path / "vedette.yml").write_text(settings)
    return open_project(path, env=env or {})


def test_retention_of_logs_is_retention_yml(tmp_path: Path) -> None:
    project = project_at(tmp_path)
    role = build_role("logs", project)
    assert isinstance(role, LogsRole)
    assert role._context.config.retention.enabled
    assert role._context.config.retention.period_ns == 7 * 24 * HOUR_NS
    (tmp_path / "retention.yml").write_text("retention: {loki_retention: 2d}\n")
    role = build_role("logs", open_project(tmp_path, env={}))
    assert isinstance(role, LogsRole)
    assert role._context.config.retention.period_ns == 48 * HOUR_NS


def test_roles_are_those_with_a_file_that_are_not_switched_off(tmp_path: Path) -> None:
    project = project_at(tmp_path, "roles: {containers: false, redis: false}\n")
    (tmp_path / "logs/promtail-config.yml").unlink()
    assert roles_of(project) == ["metrics", "logs", "alerts", "dashboards", "node", "postgres"]


def test_names_of_the_guide_lead_to_the_roles_wherever_they_listen(tmp_path: Path) -> None:
    project = project_at(
        tmp_path,
        "listen: {logs: '127.0.0.1:13100', metrics: '0.0.0.0:19090'}\nhost_aliases: {api: 10.0.0.7:80}\n",
    )
    aliases = dict(pair.split("=") for pair in environment(project)["VEDETTE_HOST_ALIASES"].split(","))
    assert aliases["loki"] == "127.0.0.1:13100"
    assert aliases["localhost:9090"] == "127.0.0.1:19090"
    assert aliases["api"] == "10.0.0.7:80"
    assert aliases["alertmanager"] == "127.0.0.1:9093"


def test_processes(tmp_path: Path) -> None:
    specs = make_specs(project_at(tmp_path))
    assert [spec.name for spec in specs] == ["metrics", "logs", "light"]
    assert [door.role for door in specs[2].doors] == [
        "alerts", "dashboards", "node", "postgres", "redis", "containers", "ship"
    ]  # fmt: skip


async def test_taken_addresses_are_named_with_their_role() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    async with WebServer(app, Listen(port=0)) as server:  # type: ignore[arg-type]
        door = Door("logs", "127.0.0.1", server.address.port, "/ready")
        said = taken_addresses([ProcessSpec("logs", ["x"], {}, [door])])
    assert said == [
        f"logs: 127.0.0.1:{server.address.port} is in use by another program; stop it, or give this role another address"
    ]


def test_a_plan_reads_back() -> None:
    door = Door("logs", "127.0.0.1", 3100, "/ready", "Loki", State.READY)
    plan = Plan(
        "title", ["note"], [ProcessSpec("logs", ["python"], {"A": "b"}, [door])], "/log", "http://x", "debug"
    )
    again = read_plan(write_plan(plan))
    assert again.processes[0].doors[0].state is State.STARTING
    assert write_plan(again).replace(b"starting", b"ready") == write_plan(plan)
