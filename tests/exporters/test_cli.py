"""``vedette exporter ...``: the originals' flags and environment reach the exporters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import vedette.cli.exporter
import vedette.web.role
from vedette.cli.main import app


class Cli:
    """Runs the command; what it would have served is in `roles`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.roles: list[Any] = []
        monkeypatch.setattr(vedette.web.role, "run_roles", self._serve)
        for name in ("DATA_SOURCE_NAME", "DATA_SOURCE_URI", "REDIS_ADDR", "REDIS_PASSWORD"):
            monkeypatch.delenv(name, raising=False)

    def _serve(self, roles: list[Any]) -> int:
        self.roles = roles
        return 0

    def run(self, *words: str, env: dict[str, str] | None = None) -> Any:
        result = self.result(*words, env=env)
        assert result.exit_code == 0, result.output
        return self.roles[0]

    def result(self, *words: str, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(app, ["exporter", *words], env=env)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(monkeypatch)


def test_ports_are_the_originals(cli: Cli) -> None:
    env = {"DATA_SOURCE_NAME": "postgresql://x@localhost/y"}
    ports = [cli.run(kind, env=env).listen.port for kind in ("node", "postgres", "redis", "containers")]
    assert ports == [9100, 9187, 9121, 8080]
    assert cli.roles[0].listen.host == "0.0.0.0"


def test_node(cli: Cli, tmp_path: Path) -> None:
    role = cli.run(
        *("node", "--web.listen-address=127.0.0.1:19100", "--path.procfs=/host/proc", "--no-collector.arp"),
        *("--collector.processes", f"--collector.textfile.directory={tmp_path}"),
        *("--collector.filesystem.mount-timeout=2s", "--no-collector.cpu.guest"),
    )
    assert str(role.listen) == "127.0.0.1:19100"
    assert "arp" not in role.options.collectors and "processes" in role.options.collectors
    host = role.options.host
    assert (str(host.procfs), host.mount_timeout_s, host.cpu_guest) == ("/host/proc", 2.0, False)
    assert host.textfile_directories == (str(tmp_path),)
    only = cli.run("node", "--collector.disable-defaults", "--collector.cpu")
    assert only.options.collectors == ["cpu"]


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["node", "--collector.nonsense"], "collectors are arp"),
        (["node", "--web.listen-address=here"], "host:port"),
        (["node", "--collector.filesystem.mount-timeout=soon"], "soon"),
        (["redis", "--redis.addr=http://x"], "redis://host:6379"),
        (["containers", "--name=api"], "NAME=port:8000"),
        (["containers", "--name=api=8000"], "port:8000"),
    ],
)
def test_faults_are_sentences(cli: Cli, words: list[str], complaint: str) -> None:
    result = cli.result(*words)
    assert result.exit_code == 2
    text = " ".join(result.output.replace("│", " ").split())
    assert complaint in text and "Traceback" not in text


def test_postgres(cli: Cli) -> None:
    env = {
        "DATA_SOURCE_URI": "db:5432/app?sslmode=disable",
        "DATA_SOURCE_USER": "exporter",
        "DATA_SOURCE_PASS": "hush",
        "PG_EXPORTER_EXCLUDE_DATABASES": "a, b",
    }
    role = cli.run(
        "postgres", "--disable-settings-metrics", "--no-collector.stat_statements.include_query", env=env
    )
    assert "settings" not in role.options.collectors and "stat_statements" in role.options.collectors
    assert role.options.choices.exclude_databases == ("a", "b")
    assert role.options.choices.statements_query is False
    assert "hush" not in repr(role.options)
    bad = cli.result("postgres", env={"DATA_SOURCE_NAME": "postgresql://u:hush%zz@h/d"})
    assert bad.exit_code == 2 and "hush" not in bad.output


def test_redis(cli: Cli) -> None:
    role = cli.run(
        "redis",
        "--include-config-metrics",
        env={"REDIS_ADDR": "rediss://cache:6380", "REDIS_PASSWORD": "hush"},
    )
    assert role.options.address == "rediss://cache:6380" and role.options.password == "hush"
    assert role.options.choices.config_metrics
    assert "hush" not in repr(role.options)
    assert "hush" not in cli.result("redis", "--help", env={"REDIS_PASSWORD": "hush"}).output


def test_containers(cli: Cli) -> None:
    role = cli.run("containers", "--port=8081", "--docker_only", "--name=my-api=port:8000")
    assert str(role.listen) == "0.0.0.0:8081"
    assert role.options.docker_only and role.options.names == {"my-api": "port:8000"}


def test_a_role_in_the_stack_says_it_as_a_fault_of_the_configuration() -> None:
    from vedette.config.problems import ConfigError
    from vedette.exporters.containers.service import ContainersExporter, ContainersOptions
    from vedette.exporters.postgres.service import PostgresExporter, PostgresOptions
    from vedette.exporters.redis.service import RedisExporter, RedisOptions

    with pytest.raises(ConfigError, match=r"^postgres\.dsn: the data source name is not valid; write"):
        PostgresExporter(PostgresOptions(source="postgresql://u:hush%zz@h/d"))
    with pytest.raises(ConfigError, match=r"^redis\.address: "):
        RedisExporter(RedisOptions(address="http://x", environment={}))
    with pytest.raises(ConfigError, match=r"^container_names: "):
        ContainersExporter(ContainersOptions(names={"api": "8000"}))
