"""Data source names: every way to say them, and none that shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.exporters.postgres.authentication import read_auth_modules
from vedette.exporters.postgres.source import SourceError, parse_source, source_from_environment


@pytest.mark.parametrize(
    "env, want",
    [
        (
            {"DATA_SOURCE_NAME": "postgresql://exp:s%40crt@db:6000/app?sslmode=disable"},
            {
                "user": "exp",
                "password": "s@crt",
                "host": "db",
                "port": "6000",
                "dbname": "app",
                "sslmode": "disable",
            },
        ),
        (
            {"DATA_SOURCE_NAME": "host=/run/postgresql user=exp dbname=app"},
            {"host": "/run/postgresql", "user": "exp", "dbname": "app"},
        ),
        (
            {
                "DATA_SOURCE_URI": "db:5432/app?sslmode=require",
                "DATA_SOURCE_USER": "exp",
                "DATA_SOURCE_PASS": "p@ss/w:rd",
            },
            {"user": "exp", "password": "p@ss/w:rd", "host": "db", "port": "5432", "sslmode": "require"},
        ),
    ],
)
def test_environment(env: dict[str, str], want: dict[str, str]) -> None:
    source = source_from_environment(env)
    assert source is not None
    assert want.items() <= source.parameters.items()
    for secret in ("s@crt", "p@ss", "s%40crt"):
        assert secret not in f"{source} {source!r}"


def test_files_win(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("filed\n")
    (tmp_path / "pass").write_text("from file\n")
    source = source_from_environment(
        {
            "DATA_SOURCE_URI": "db/app",
            "DATA_SOURCE_USER": "plain",
            "DATA_SOURCE_USER_FILE": str(tmp_path / "user"),
            "DATA_SOURCE_PASS_FILE": str(tmp_path / "pass"),
        }
    )
    assert source is not None
    assert source.parameters["user"] == "filed" and source.parameters["password"] == "from file"
    assert source.address == "db:5432"


def test_nothing_said() -> None:
    assert source_from_environment({}) is None


@pytest.mark.parametrize(
    "name", ["postgresql://u:sEcret%zz@h/d", "user=u password='sEcret", "postgresql://u:sEcret@[h/d"]
)
def test_faults_do_not_repeat_the_name(name: str) -> None:
    with pytest.raises(SourceError) as fault:
        parse_source(name)
    assert "sEcret" not in str(fault.value)
    assert fault.value.__cause__ is None and fault.value.__suppress_context__


def test_several_servers_are_refused() -> None:
    with pytest.raises(SourceError, match="/probe"):
        source_from_environment({"DATA_SOURCE_NAME": "postgresql://a/x,postgresql://b/x"})


def test_auth_modules(tmp_path: Path) -> None:
    file = tmp_path / "postgres_exporter.yml"
    file.write_text(
        "auth_modules:\n  prod:\n    type: userpass\n    userpass:\n      username: exp\n      password: hush\n"
        "    options:\n      sslmode: disable\n"
    )
    module = read_auth_modules(file)["prod"]
    source = module.source("someone:else@db:6000/app")
    assert source.parameters["user"] == "exp" and source.parameters["password"] == "hush"
    assert source.parameters["sslmode"] == "disable" and source.address == "db:6000"
    assert "hush" not in repr(module)
