"""The guide at work: everything is scraped, every rule is evaluated, and the recorded series are there."""

from __future__ import annotations

from typing import Any

import pytest

from support.stack import Stack, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

JOBS = {
    *("prometheus", "alertmanager", "loki", "promtail", "grafana"),
    *("automation-orchestrator", "postgres", "redis", "node", "containers"),
}
RECORDED = {
    *("api:request_rate:1m", "api:error_rate:1m"),
    *("api:response_time_p50:1m", "api:response_time_p95:1m"),
    *("db:query_rate:1m", "db:slow_queries:1m"),
}
ALERTS = {
    *("APIDown", "HighErrorRate", "SlowResponseTime", "HighMemoryUsage", "HighCPUUsage"),
    *("DatabaseDown", "HighDatabaseConnections", "HighDatabaseDiskUsage", "SlowDatabaseQueries"),
    *("RedisDown", "RedisHighMemory", "NodeDown", "HighDiskUsage", "HighLoadAverage"),
}
# A metric that only the role behind the job has, under the original's name.
OWN_METRIC = {
    "prometheus": "prometheus_tsdb_head_series",
    "alertmanager": "alertmanager_alerts",
    "loki": "loki_distributor_lines_received_total",
    "promtail": "promtail_sent_entries_total",
    "grafana": "grafana_build_info",
    "automation-orchestrator": "http_requests_total",
    "postgres": "pg_up",
    "redis": "redis_up",
    "node": "node_load1",
    "containers": "container_cpu_usage_seconds_total",
}


def rules(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    groups = stack.get("metrics", "/api/v1/rules")["groups"]
    return {rule["name"]: rule for group in groups for rule in group["rules"] if rule["type"] == kind}


def test_every_target_is_up(stack: Stack) -> None:
    def up() -> bool:
        targets = stack.get("metrics", "/api/v1/targets")["activeTargets"]
        assert {target["scrapePool"] for target in targets} == JOBS
        return all(target["health"] == "up" for target in targets)

    eventually(up)


def test_every_role_is_scraped_and_no_other_in_its_place(stack: Stack) -> None:
    for job, metric in OWN_METRIC.items():
        eventually(lambda m=metric, j=job: stack.query(f'{m}{{job="{j}"}}'), what=f"{metric} of {job}")
    # Both exporters reach what they are there for.
    assert stack.query("pg_up")[0]["value"][1] == "1"
    assert stack.query("redis_up")[0]["value"][1] == "1"


def test_every_rule_is_evaluated_without_fault(stack: Stack) -> None:
    def healthy(kind: str) -> bool:
        return all(rule["health"] == "ok" for rule in rules(stack, kind).values())

    assert set(rules(stack, "alerting")) == ALERTS
    assert set(rules(stack, "recording")) == RECORDED
    eventually(lambda: healthy("alerting"), what="healthy alerts")
    eventually(lambda: healthy("recording"), what="healthy recording rules")


def test_recording_rules_have_data(stack: Stack) -> None:
    for name in sorted(RECORDED):
        eventually(lambda n=name: stack.query(n), what=f"samples of {name}")
    # They agree with what they were recorded from.
    rate = stack.query("sum(api:request_rate:1m)")
    assert float(rate[0]["value"][1]) > 0
    slow = stack.query("api:response_time_p95:1m >= on() api:response_time_p50:1m")
    assert len(slow) == 1
    statements = {found["metric"].get("query", "") for found in stack.query("db:query_rate:1m > 0")}
    assert any("workflow" in statement for statement in statements), statements
