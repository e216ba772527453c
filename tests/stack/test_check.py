"""`vedette check` on the guide as given, on the shipped guide, and on projects with faults of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.shared import shared_path
from vedette.config.problems import Problem
from vedette.metrics.promql.syntax.parser import parse
from vedette.stack.check import check_project
from vedette.stack.check.expressions import Context, findings
from vedette.stack.check.shape import Mismatch, shape_of

GUIDE = Path(__file__).parents[2] / "guide"
JOBS = {kind: frozenset({kind}) for kind in ("node", "postgres", "redis", "containers")}


def test_the_shipped_guide_has_no_fault() -> None:
    assert check_project(GUIDE, {}) == []


@pytest.fixture(scope="module")
def as_given() -> list[Problem]:
    return check_project(shared_path("guide"), {})


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("alertmanager.yml", 18, 'undefined receiver "slack"'),
        ("alertmanager.yml", 23, "environment variable SLACK_WEBHOOK_URL is not set"),
        ("alertmanager.yml", 28, "environment variable PAGERDUTY_SERVICE_KEY is not set"),
        ("logs/loki-config.yml", 7, "limits_config.max_streams_per_user"),
        ("logs/loki-config.yml", 19, "schema: v13"),
    ],
)
def test_errors_of_the_guide_as_given(as_given: list[Problem], file: str, line: int, said: str) -> None:
    assert any(
        p.severity == "error" and (p.file, p.line) == (file, line) and said in str(p) for p in as_given
    )


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("prometheus.yml", "sets __scheme__ to http"),
        ("prometheus.yml", "sets instance to the target's address"),
        ("prometheus.yml", "the monitoring itself is not watched"),
        ("alerts.yml", "HighMemoryUsage: container_memory_usage_bytes will have no data"),
        ("alerts.yml", "HighCPUUsage: container_cpu_usage_seconds_total will have no data"),
        ("alerts.yml", "DatabaseDown: up says that the exporter answers"),
        ("alerts.yml", "HighDatabaseConnections: `/` can never match"),
        ("alerts.yml", "HighDatabaseDiskUsage: `/` can never match"),
        ("alerts.yml", "SlowDatabaseQueries: pg_stat_statements_mean_time_seconds will have no data"),
        ("alerts.yml", "RedisDown: up says that the exporter answers"),
        ("alerts.yml", "RedisHighMemory: redis_memory_max_bytes is 0 without maxmemory"),
        ("alerts.yml", "HighDiskUsage: every file system counts"),
        ("alerts.yml", "HighLoadAverage: `/` can never match"),
        ("alerts.yml", "SlowResponseTime: requests for /metrics and health probes count"),
        ("recording_rules.yml", "api:error_rate:1m: the result is absent, not 0"),
        ("recording_rules.yml", "db:query_rate:1m: by (query): the series have no such label"),
        ("recording_rules.yml", "db:slow_queries:1m: pg_stat_statements_mean_time_seconds will have no data"),
        ("alertmanager.yml", 'no alert has the label "cluster"'),
        ("alertmanager.yml", "continue: true has no effect"),
        ("alertmanager.yml", 'receiver "email" is used by no route'),
        ("alertmanager.yml", "Slack is not told when alerts resolve"),
        ("logs/loki-config.yml", "enforce_metric_name"),
        ("logs/loki-config.yml", "boltdb_shipper"),
        ("logs/loki-config.yml", "max_look_back_period"),
        ("logs/loki-config.yml", "table_manager"),
        ("logs/promtail-config.yml", "/tmp"),
        ("logs/promtail-config.yml", "Docker's time is not used"),
        ("dashboards/api-overview.json", "wrapped"),
        ("dashboards/database.json", '"Database Connections": `/` can never match'),
        (
            "dashboards/database.json",
            '"Query Duration (p95)": pg_stat_statements_mean_time_seconds will have no data',
        ),
        ("log-queries.logql", "`duration > 1000`"),
        ("log-queries.logql", "compares the whole text"),
    ],
)
def test_warnings_of_the_guide_as_given(as_given: list[Problem], file: str, said: str) -> None:
    assert any(p.severity == "warning" and p.file == file and said in str(p) for p in as_given)


def test_the_five_working_alerts_are_left_alone(as_given: list[Problem]) -> None:
    text = "\n".join(str(p) for p in as_given)
    for alert in ("APIDown", "HighErrorRate", "NodeDown"):
        assert f"{alert}:" not in text


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    shutil.copytree(GUIDE, tmp_path, dirs_exist_ok=True)

    def damage(name: str, old: str, new: str) -> None:
        text = (tmp_path / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1))

    damage("prometheus.yml", "scrape_interval: 15s", "scrape_intervall: 15s")
    damage("alerts.yml", 'up{job="automation-orchestrator"} == 0', 'up{job="automation-orchestrator"} ==')
    damage("alertmanager.yml", "receiver: 'pagerduty'", "receiver: 'pager'")
    damage("retention.yml", "30d", "30 days")
    damage("logs/loki-config.yml", "max_chunk_age: 1h", "max_chunk_age: often")
    damage("logs/promtail-config.yml", "- output:", "- outputs:")
    (tmp_path / "vedette.yml").write_text("roles: {metric: false}\nlisten: {metrics: 'a:b'}\n")
    errors = [str(p) for p in check_project(tmp_path, {}) if p.severity == "error"]
    for file, said in (
        ("prometheus.yml:2", "scrape_interval"),
        ("alerts.yml:7", "unexpected end of input"),
        ("alertmanager.yml:", 'undefined receiver "pager"'),
        ("retention.yml:5", 'unknown unit " days" in duration'),
        ("logs/loki-config.yml:", "often"),
        ("logs/promtail-config.yml:", "outputs"),
        ("vedette.yml:1", '"metric" is no role'),
        ("vedette.yml:2", '"a:b" is no address'),
    ):
        assert any(e.startswith(file) and said in e for e in errors), (file, said, errors)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("node_load1", {"job", "instance"}),
        ("sum by (job) (node_load1)", {"job"}),
        ("sum without (cpu, mode) (node_cpu_seconds_total)", {"job", "instance"}),
        ("rate(node_cpu_seconds_total[5m])", {"job", "instance", "cpu", "mode"}),
        ("vector(1)", set()),
        ("node_load1 * on (instance) group_left (nodename) node_uname_info", {"job", "instance", "nodename"}),
        ("histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m])))", {"job"}),
        ("some_metric", None),
    ],
)
def test_shapes(query: str, labels: set[str] | None) -> None:
    assert shape_of(parse(query), JOBS).names == labels


@pytest.mark.parametrize(
    ("query", "never"),
    [
        ("node_load1 / node_load5", False),
        ("node_load1 / count(node_cpu_seconds_total)", True),
        ("node_load1 / on () group_left () count(node_cpu_seconds_total)", False),
        ("redis_up == node_load1", True),
        ('up{job="a"} and up{job="b"}', True),
        ('up{job="a"} or up{job="b"}', False),
        ("some_metric / other_metric", False),
        ("node_load1 / ignoring (cpu) sum without (mode) (node_cpu_seconds_total)", False),
    ],
)
def test_matches_that_can_never_succeed(query: str, never: bool) -> None:
    found: list[Mismatch] = []
    shape_of(parse(query), JOBS, found.append)
    assert bool(found) == never


def test_recorded_metrics_are_no_strangers() -> None:
    context = Context(JOBS, frozenset({"node_cpu_share"}))
    assert findings(parse("node_cpu_share > 1"), context) == []
    assert "has no such metric" in findings(parse("node_cpu_shares > 1"), context)[0].message
