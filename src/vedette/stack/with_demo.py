"""`vedette up --demo`: what the demo adds to a project, and how the project finds it.

The demo is real: an application, a PostgreSQL, a Valkey and traffic in a process of their own, and an inbox that stands in
for Slack, PagerDuty and the mail server, so that notifications leave and stay on this machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from vedette.stack.demo.layout import DemoLayout, open_layout
from vedette.stack.init import write_project
from vedette.stack.project import Project, default_data_dir, open_project
from vedette.stack.settings import RedisConnection
from vedette.stack.supervisor import Door, ProcessSpec

# Where a project's receivers send to, and the inbox's door in its place.
REAL_DOORS: Mapping[str, str] = {"events.pagerduty.com": "http", "smtp.example.com": "smtp"}


@dataclass(frozen=True, slots=True)
class Demo:
    """`env` goes to every process of the stack, `processes` run beside it."""

    project: Project
    env: Mapping[str, str]
    processes: tuple[ProcessSpec, ...]


def demo_project(directory: Path | None, data_dir: Path | None) -> Project:
    """The project that the demo runs: `directory`, or a fresh copy of the shipped guide in the data folder.

    Raises `ConfigError`, `OSError`.
    """
    if directory is None:
        place = data_dir or default_data_dir("demo")
        directory = place / "project"
        list(write_project(directory, overwrite=True))
        data_dir = place / "data"
    return open_project(directory, data_dir=data_dir)


def add_demo(project: Project) -> Demo:
    """Makes the demo's files and says what to run. Raises `OSError`."""
    settings = project.settings
    api_host, api_port = settings.address("api")
    layout = open_layout(
        project.data_dir,
        api_host=api_host,
        api_port=api_port,
        database_port=settings.address("database")[1],
        cache_port=settings.address("cache")[1],
    )
    _write_secrets(project)
    aliases = {
        name: f"{scheme}://{settings.door('inbox' if scheme == 'http' else 'inbox-smtp')}"
        for name, scheme in REAL_DOORS.items()
    }
    project = replace(
        project, settings=settings.model_copy(update={"host_aliases": aliases | dict(settings.host_aliases)})
    )
    own_database = not (settings.postgres.dsn or os.environ.get("DATABASE_URL"))
    own_cache = not (settings.redis.address or os.environ.get("REDIS_URL"))
    return Demo(
        project,
        _connections(layout, database=own_database, cache=own_cache),
        (_inbox(project), _demo(project, layout, database=own_database, cache=own_cache)),
    )


def _connections(layout: DemoLayout, *, database: bool, cache: bool) -> dict[str, str]:
    """How the exporters reach what the demo runs."""
    env: dict[str, str] = {}
    if database:
        env["DATA_SOURCE_NAME"] = layout.postgres_dsn("exporter")
    if cache:
        env |= {"REDIS_ADDR": layout.redis_address, "REDIS_PASSWORD": layout.redis_password}
    return env


def _write_secrets(project: Project) -> None:
    """The receivers' secrets, where the project has none of its own."""
    secrets = {
        "slack_webhook_url": f"http://{project.settings.door('inbox')}/slack",
        "pagerduty_routing_key": "demo",
    }
    for name, value in secrets.items():
        path = project.file("secrets") / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(f"{value}\n", encoding="utf-8")


def _inbox(project: Project) -> ProcessSpec:
    host, port = project.settings.address("inbox")
    smtp_host, smtp_port = project.settings.address("inbox-smtp")
    argv = [sys.executable, "-m", "vedette.stack.inbox", "--listen", f"{host}:{port}"]
    argv += ["--smtp", f"{smtp_host}:{smtp_port}"]
    doors = [
        Door("inbox", host, port, "/", "Slack, PagerDuty"),
        Door("inbox-smtp", smtp_host, smtp_port, "", "a mail server"),
    ]
    return ProcessSpec("inbox", argv, {}, doors)


def _demo(project: Project, layout: DemoLayout, *, database: bool, cache: bool) -> ProcessSpec:
    argv = [sys.executable, "-m", "vedette.stack.demo", "--data-dir", str(project.data_dir)]
    argv += ["--api", f"{layout.api_host}:{layout.api_port}"]
    argv += ["--database-port", str(layout.database_port), "--cache-port", str(layout.cache_port)]
    # In the environment, not in arguments: they hold passwords.
    env: dict[str, str] = {}
    if not database:
        env["DATABASE_URL"] = project.settings.postgres.dsn.reveal() or os.environ["DATABASE_URL"]
    if not cache:
        env["REDIS_URL"] = _redis_url(project.settings.redis) or os.environ["REDIS_URL"]
    doors = [Door("api", layout.api_host, layout.api_port, "/health", "your application")]
    if database:
        doors.append(Door("database", layout.host, layout.database_port, "", "PostgreSQL"))
    if cache:
        doors.append(Door("cache", layout.host, layout.cache_port, "", "Valkey"))
    return ProcessSpec("demo", argv, env, doors)


def _redis_url(settings: RedisConnection) -> str:
    """The address with its password, as an application takes it; empty when there is no address."""
    if not settings.address:
        return ""
    scheme, found, rest = settings.address.rpartition("://")
    password = settings.password.reveal()
    login = f":{quote(password, safe='')}@" if password and "@" not in rest else ""
    return f"{scheme if found else 'redis'}://{login}{rest}"
