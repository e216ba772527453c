"""What the documentation must say, asked of the code: flags, doors, stages, receivers, exporters, links."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import typer
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from vedette.alerts.notify.kinds import ALL_KINDS, SENDABLE
from vedette.alerts.service import AlertsOptions, AlertsRole
from vedette.app import instrument
from vedette.cli import main as cli
from vedette.dashboards.service import DashboardsOptions, DashboardsRole
from vedette.exporters.containers.service import ContainersExporter, ContainersOptions
from vedette.exporters.node import registry as node
from vedette.exporters.node.service import NodeExporter, NodeOptions
from vedette.exporters.postgres import registry as postgres
from vedette.exporters.postgres.service import PostgresExporter, PostgresOptions
from vedette.exporters.redis.service import RedisExporter, RedisOptions
from vedette.logs.service import LogsOptions, LogsRole
from vedette.metrics.doors import make_doors
from vedette.metrics.service import MetricsOptions, MetricsRole
from vedette.ship.service import ShipOptions, ShipRole
from vedette.ship.stages import BUILT, KNOWN
from vedette.stack.demo.conditions import ALERTS, Kind
from vedette.stack.init import write_project
from vedette.stack.wiring import STANDS_FOR
from vedette.web.prompt import PromptApp
from vedette.web.role import Listen

ROOT = Path(__file__).resolve().parents[2]
ROLES = ROOT / "docs" / "roles"


def page(name: str) -> str:
    return (ROLES / f"{name}.md").read_text(encoding="utf-8")


# ---- flags -------------------------------------------------------------------------------------------------------

PAGE_OF_COMMAND = {
    "metrics": "metrics",
    "alerts": "alerts",
    "logs": "logs",
    "ship": "ship",
    "dashboards": "dashboards",
    "exporter node": "exporters",
    "exporter postgres": "exporters",
    "exporter redis": "exporters",
    "exporter containers": "exporters",
    "up": "demo",
    "demo break": "demo",
    "demo mend": "demo",
    "demo status": "demo",
    "query": "../query",
    "query instant": "../query",
    "query range": "../query",
    "query series": "../query",
    "query labels": "../query",
    "query explain": "../query",
    "query analyze": "../query",
    "test promql": "../test",
}


def command(path: str) -> Any:
    for name in cli.commands():
        importlib.import_module(f"vedette.cli.{name}")
    found: Any = typer.main.get_command(cli.app)
    for word in path.split():
        found = found.commands[word]
    return found


@pytest.mark.parametrize("path", PAGE_OF_COMMAND)
def test_every_flag_of_a_role_is_on_its_page(path: str) -> None:
    flags = {flag for param in command(path).params for flag in param.opts if flag.startswith("-")}
    assert flags - {"--help"}, f"vedette {path} has no flags?"
    text = page(PAGE_OF_COMMAND[path])
    named = set(re.findall(r"(?<![\w-])--?[a-z][\w.-]*", text))
    assert sorted(flags - {"--help"} - named) == []


@pytest.mark.parametrize("path", [path for path in PAGE_OF_COMMAND if path.startswith("exporter")])
def test_every_environment_variable_of_a_flag_is_on_its_page(path: str) -> None:
    text = page(PAGE_OF_COMMAND[path])
    names = [param.envvar for param in command(path).params if param.envvar]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_argument_and_variable_of_instrument_is_on_its_page() -> None:
    text = page("app")
    arguments = [name for name in inspect.signature(instrument).parameters if name != "app"]
    assert [name for name in arguments if f"`{name}`" not in text] == []
    sources = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "src/vedette/app").glob("*.py"))]
    variables = set(re.findall(r'env(?:iron)?(?:ment)?\.get\("([A-Z_]+)"', "".join(sources)))
    assert "SENTRY_DSN" in variables
    assert [name for name in sorted(variables) if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    "name", sorted(set(PAGE_OF_COMMAND.values()) - {"demo", "exporters", "../query", "../test"})
)
def test_no_page_shows_a_flag_that_is_not_there(name: str) -> None:
    table = page(name).split("\n## ")[0]
    shown = set(re.findall(r"^\| `(--[\w.-]+)`", table, re.MULTILINE))
    shown |= {
        f
        for row in re.findall(r"^\| (`--.*?) \|", table, re.MULTILINE)
        for f in re.findall(r"`(--[\w.-]+)`", row)
    }
    assert shown, "the page has no table of flags"
    real = {flag for param in command(name).params for flag in (*param.opts, *param.secondary_opts)}
    assert sorted(shown - real) == []


# ---- doors -------------------------------------------------------------------------------------------------------


def paths_of(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount):
            if route.routes:
                yield from paths_of(list(route.routes), prefix + route.path)
            elif not hasattr(
                route.app, "open"
            ):  # the metrics role's doors that open late are asked for below
                yield prefix + route.path
        elif isinstance(route, Route | WebSocketRoute):
            yield prefix + route.path


def late_paths() -> Iterator[str]:
    """Doors of the metrics role that need an open store. What they answer from isn't asked for here."""
    running = MagicMock(options=MetricsOptions(), registry=CollectorRegistry())
    yield from paths_of(list(make_doors(running)))


def guide(tmp_path: Path) -> Path:
    list(write_project(tmp_path))
    return tmp_path


def apps(name: str, tmp_path: Path) -> list[Any]:
    listen = Listen("127.0.0.1", 0)
    match name:
        case "metrics":
            return [MetricsRole(MetricsOptions()).app]
        case "alerts":
            file = guide(tmp_path) / "alertmanager.yml"
            return [
                AlertsRole(AlertsOptions(config_file=file, data_dir=tmp_path / "data", listen=listen)).app
            ]
        case "logs":
            return [LogsRole(LogsOptions(None, tmp_path / "data", listen)).app]
        case "ship":
            return [ShipRole(ShipOptions(guide(tmp_path) / "logs/promtail-config.yml", listen)).app]
        case "dashboards":
            return [DashboardsRole(DashboardsOptions(data_dir=tmp_path / "data", listen=listen)).app]
        case "exporters":
            return [
                NodeExporter(NodeOptions(listen=listen)).app,
                PostgresExporter(PostgresOptions(listen=listen, source="postgresql://localhost/x")).app,
                RedisExporter(RedisOptions(listen=listen, address="redis://localhost:6379")).app,
                ContainersExporter(ContainersOptions(listen=listen)).app,
            ]
        case "demo":
            from vedette.stack.inbox import Inbox

            return [Inbox(Listen("127.0.0.1", 0), Listen("127.0.0.1", 0)).app]
    raise AssertionError(name)


def plain(path: str) -> str:
    """`{name:path}` as the pages write it."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path) or "/"


@pytest.mark.parametrize("name", ["metrics", "alerts", "logs", "ship", "dashboards", "exporters", "demo"])
def test_every_path_of_a_role_is_on_its_page(name: str, tmp_path: Path) -> None:
    found = {"/metrics"}
    for made in apps(name, tmp_path):
        app = made.app if isinstance(made, PromptApp) else made
        assert isinstance(app, Starlette)
        found |= set(paths_of(list(app.routes)))
    if name == "metrics":
        found |= set(late_paths())
    assert len(found) > 3
    named = set(re.findall(r"`(/[^`\s]*)`", page(name)))
    # A catch-all below an API's prefix, which answers 404, is no door of its own.
    missing = {plain(path) for path in found} - named - {"/api/v2/{path}"}
    assert sorted(missing) == []


# ---- metrics -----------------------------------------------------------------------------------------------------

PREFIXES = ("prometheus_tsdb_", "prometheus_rule_", "prometheus_", "alertmanager_", "loki_", "promtail_")
COMMON = ("_build_info", "_http_requests_total", "_http_request_duration_seconds")


@pytest.mark.parametrize("name", ["metrics", "alerts", "logs", "ship"])
def test_metrics_on_a_page_are_written_by_the_role(name: str) -> None:
    sources = "".join(
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "src/vedette" / name).rglob("*.py"))
    )
    named = re.findall(r"`((?:prometheus|alertmanager|loki|promtail)_[a-z_]+)", page(name))
    assert len(named) > 4
    for metric in named:
        bare = metric.removesuffix("_total")
        ends = {n.removeprefix(p) for n in (metric, bare) for p in ("", *PREFIXES)}
        assert metric.endswith(COMMON) or any(f'"{end}"' in sources for end in ends), metric


# ---- kinds -------------------------------------------------------------------------------------------------------


def test_stages_are_in_the_table_or_among_the_refused() -> None:
    text = page("ship")
    table = " ".join(re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE))
    refused = text.partition("\nRefused by name: ")[2].partition("\n\n")[0]
    assert {name for name in BUILT if f"`{name}`" not in table} == set()
    assert set(re.findall(r"`(\w+)`", refused)) == set(KNOWN)


def test_receivers_are_told_or_refused_as_the_page_says() -> None:
    rows = dict(re.findall(r"^\| (told|read and checked[^|]*) \| (.*) \|$", page("alerts"), re.MULTILINE))
    told = rows.pop("told")
    (refused,) = rows.values()

    def letters(text: str) -> str:
        return re.sub(r"[^a-z]", "", text.lower())

    for kind in ALL_KINDS:
        row = told if kind in SENDABLE else refused
        assert letters(kind).removeprefix("ms").removesuffix("v") in letters(row), kind


def test_every_role_and_exporter_has_its_system_on_a_page() -> None:
    text = page("README") + page("exporters")
    assert [name for name in STANDS_FOR.values() if name not in text] == []


@pytest.mark.parametrize(
    ("exporter", "all_names", "default"),
    [("node", node.COLLECTORS, node.DEFAULT), ("postgres", postgres.COLLECTORS, postgres.DEFAULT)],
)
def test_collectors_are_listed_as_on_or_off(
    exporter: str, all_names: Collection[str], default: Collection[str]
) -> None:
    section = page("exporters").partition(f"\n## {exporter}\n")[2].partition("\n## ")[0]
    text = section.partition("Collectors: ")[2].partition("\n\n")[0]
    on, _, off = text.partition("Off by default: ")
    assert set(re.findall(r"\w+", on)) == set(default)
    assert set(re.findall(r"\w+", off)) == set(all_names) - set(default)


def test_the_demo_page_names_what_can_be_broken_and_what_fires() -> None:
    text = page("demo")
    for kind in Kind:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{kind.value}` ")]
        assert [alert for alert in ALERTS[kind] if alert not in row] == []


# ---- links -------------------------------------------------------------------------------------------------------

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_relative_links_resolve(file: Path) -> None:
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link]
    assert [link for link in links if link and not (file.parent / link).exists()] == []


def test_the_index_links_every_role_page() -> None:
    linked = set(LINK.findall(page("README")))
    assert {file.name for file in ROLES.glob("*.md")} - {"README.md"} <= linked
