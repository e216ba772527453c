"""What `--demo` adds to a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.stack.init import write_project
from vedette.stack.project import open_project
from vedette.stack.with_demo import add_demo, demo_project


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_exporters_find_what_the_demo_runs(tmp_path: Path) -> None:
    list(write_project(tmp_path))
    demo = add_demo(open_project(tmp_path, env={}))
    assert demo.env["DATA_SOURCE_NAME"].startswith("postgresql://exporter:")
    assert demo.env["REDIS_ADDR"] == "redis://127.0.0.1:6380"
    inbox, parts = demo.processes
    assert [door.role for door in parts.doors] == ["api", "database", "cache"]
    assert [door.role for door in inbox.doors] == ["inbox", "inbox-smtp"]
    assert not any("password" in word or "postgresql://" in word for word in parts.argv)


def test_given_connections_are_used_by_the_application_too(tmp_path: Path) -> None:
    list(write_project(tmp_path))
    (tmp_path / "vedette.yml").write_text(
        "postgres: {dsn: 'postgresql://u:p@db:5432/x'}\nredis: {address: 'cache:6379', password: 'a/b'}\n"
    )
    demo = add_demo(open_project(tmp_path, env={}))
    assert dict(demo.env) == {}
    parts = demo.processes[1]
    assert [door.role for door in parts.doors] == ["api"]
    assert dict(parts.env) == {
        "DATABASE_URL": "postgresql://u:p@db:5432/x",
        "REDIS_URL": "redis://:a%2Fb@cache:6379",
    }


def test_secrets_of_a_project_stay(tmp_path: Path) -> None:
    list(write_project(tmp_path))
    own = tmp_path / "secrets" / "slack_webhook_url"
    own.parent.mkdir()
    own.write_text("https://hooks.slack.com/mine")
    add_demo(open_project(tmp_path, env={}))
    assert own.read_text() == "https://hooks.slack.com/mine"
    key = tmp_path / "secrets" / "pagerduty_routing_key"
    assert key.read_text() == "demo\n"
    assert key.stat().st_mode & 0o077 == 0


def test_notifications_stay_on_this_machine(tmp_path: Path) -> None:
    demo = add_demo(demo_project(None, tmp_path))
    aliases = demo.project.settings.all_host_aliases()
    assert aliases["events.pagerduty.com"] == "http://127.0.0.1:8025"
    assert aliases["smtp.example.com"] == "smtp://127.0.0.1:8026"
    assert (tmp_path / "project" / "prometheus.yml").exists()
