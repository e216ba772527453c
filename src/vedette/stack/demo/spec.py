"""The demo for `vedette up`: its layout in a project, and the process that the supervisor runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from vedette.stack.demo.layout import DemoLayout, open_layout
from vedette.stack.project import Project
from vedette.stack.supervisor import Door, ProcessSpec
from vedette.web.role import SUPERVISED


def demo_layout(project: Project) -> DemoLayout:
    """Where the demo of `project` keeps its things, at the addresses of its ``vedette.yml``; makes the passwords."""
    settings = project.settings
    api_host, api_port = settings.address("api")
    return open_layout(
        project.data_dir,
        api_host=api_host,
        api_port=api_port,
        database_port=settings.address("database")[1],
        cache_port=settings.address("cache")[1],
    )


def demo_process(layout: DemoLayout, *, postgres_dsn: str = "", redis_url: str = "") -> ProcessSpec:
    """The process to supervise. Connections that are given take the place of the demo's own servers."""
    doors = [Door("api", layout.api_host, layout.api_port, "/health", "the guide's application")]
    if not postgres_dsn:
        doors.append(Door("database", layout.host, layout.database_port, "", "PostgreSQL"))
    if not redis_url:
        doors.append(Door("cache", layout.host, layout.cache_port, "", "Redis"))
    argv = [
        *(sys.executable, "-m", "vedette.stack.demo", "--data-dir", str(layout.data_dir)),
        *("--api", f"{layout.api_host}:{layout.api_port}"),
        *("--database-port", str(layout.database_port), "--cache-port", str(layout.cache_port)),
        *("--app-log-dir", str(layout.app_log.parent)),
    ]
    env: Mapping[str, str] = {"DATABASE_URL": postgres_dsn, "REDIS_URL": redis_url, SUPERVISED: "1"}
    return ProcessSpec("demo", argv, env, doors)


def container_names(layout: DemoLayout) -> Mapping[str, str]:
    """For the containers exporter: the application under the name that the guide's rules ask for."""
    return {"automation-orchestrator-api": f"port:{layout.api_port}"}
