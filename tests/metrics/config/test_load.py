"""What loading adds to the file: inheritance, defaults, every problem at once, warnings, what isn't built."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.config.document import parse_document
from vedette.config.problems import ConfigError
from vedette.metrics.config import Config, check_config, config_of, unsupported

ENV = {"REGION": "eu"}


def load(text: str) -> Config:
    return config_of(parse_document(text, path="/etc/vedette/prometheus.yml", env=ENV), ENV)


def problems(text: str) -> list[str]:
    return [str(p) for p in check_config(parse_document(text, path="prometheus.yml", env=ENV), ENV)]


def test_an_empty_file_has_the_originals_defaults() -> None:
    config = load("")
    assert (config.global_.scrape_interval, config.global_.scrape_timeout) == (60_000, 10_000)
    assert config.global_.evaluation_interval == 60_000
    assert config.jobs == ()
    assert load("global:\n").global_ == config.global_


@pytest.mark.parametrize(
    ("scope", "job", "want"),
    [
        ("", "", (60_000, 10_000)),
        ("scrape_interval: 5s", "", (5_000, 5_000)),
        ("scrape_interval: 30s", "scrape_interval: 3s", (3_000, 3_000)),
        ("scrape_timeout: 20s", "", (60_000, 20_000)),
        ("scrape_timeout: 20s", "scrape_interval: 15s", (15_000, 15_000)),
        ("scrape_timeout: 20s", "scrape_timeout: 1s", (60_000, 1_000)),
    ],
)
def test_intervals_and_timeouts(scope: str, job: str, want: tuple[int, int]) -> None:
    config = load(f"global:\n  {scope}\nscrape_configs:\n- job_name: a\n  {job}\n")
    assert (config.jobs[0].scrape_interval, config.jobs[0].scrape_timeout) == want


def test_paths_start_at_the_file() -> None:
    config = load("rule_files: [a.yml, /b.yml]\nglobal: {query_log_file: q.log}")
    assert config.rule_files == ("/etc/vedette/a.yml", "/b.yml")
    assert config.global_.query_log_file == "/etc/vedette/q.log"
    assert config.base_dir == Path("/etc/vedette")


def test_every_problem_is_told_at_its_line() -> None:
    with pytest.raises(ConfigError) as refused:
        load(
            """\
global:
  scrape_intervall: 15s
scrape_configs:
  - job_name: a
    scheme: ftp
    metrics_paht: /m
    honor_labels: perhaps
  - static_configs: []
"""
        )
    assert [str(p).removeprefix("/etc/vedette/") for p in refused.value.problems] == [
        'prometheus.yml:2: global.scrape_intervall: unknown key "scrape_intervall"; did you mean "scrape_interval"?',
        'prometheus.yml:5: scrape_configs[0].scheme: unsupported scheme "ftp"; write http or https',
        'prometheus.yml:6: scrape_configs[0].metrics_paht: unknown key "metrics_paht"; did you mean "metrics_path"?',
        'prometheus.yml:7: scrape_configs[0].honor_labels: "perhaps" is not true or false; write true or false',
        "prometheus.yml:8: scrape_configs[1].job_name: job_name is empty; give the job a name",
    ]


def test_a_target_written_as_url() -> None:
    text = "scrape_configs:\n- job_name: a\n  static_configs:\n  - targets:\n    - a:1\n    - http://b:2/metrics\n"
    (told,) = problems(text)
    assert told.startswith("prometheus.yml:6: ")
    assert '"http://b:2/metrics" is not a valid hostname' in told


def test_variables_in_external_labels() -> None:
    config = load(
        "global: {external_labels: {a: $REGION, b: '${REGION}-1', c: '$$REGION', d: '${NONE:-x}', e: $NONE}}"
    )
    assert config.external_labels.to_dict() == {"a": "eu", "b": "eu-1", "c": "$REGION", "d": "x"}


def test_relabelling_keeps_its_dollars() -> None:
    config = load(
        "scrape_configs:\n- job_name: a\n  relabel_configs:\n"
        "  - {source_labels: [x], target_label: y, replacement: '${1}-$1-$$'}\n"
    )
    assert config.jobs[0].relabel_configs[0].replacement == "${1}-$1-$$"


def test_rules_that_do_nothing_are_warned_of() -> None:
    text = """\
scrape_configs:
  - job_name: automation-orchestrator
    static_configs: [{targets: ['api:8000']}]
    relabel_configs:
      - source_labels: [__scheme__]
        target_label: __scheme__
        replacement: http
  - job_name: node
    static_configs: [{targets: ['node:9100']}]
    relabel_configs:
      - source_labels: [__address__]
        target_label: instance
  - job_name: useful
    static_configs: [{targets: ['x:1']}]
    relabel_configs:
      - source_labels: [__address__]
        regex: ([^:]+):.*
        target_label: instance
      - target_label: __scheme__
        replacement: https
"""
    found = check_config(parse_document(text, path="p.yml", env={}))
    assert [(p.severity, p.line) for p in found] == [("warning", 5), ("warning", 11)]
    assert "__scheme__ to http, which it is already" in found[0].message
    assert "instance to the target's address" in found[1].message


def test_kinds_that_are_not_built_load_and_are_named() -> None:
    config = load(
        """\
scrape_configs:
  - job_name: web
    http_sd_configs: [{url: 'http://sd/targets'}]
  - job_name: fine
    static_configs: [{targets: ['a:1']}]
    file_sd_configs: [{files: [a.json]}]
alerting:
  alertmanagers:
    - dns_sd_configs: [{names: [am], type: A, port: 9093}]
"""
    )
    assert [p.where for p in unsupported(config)] == [
        "scrape_configs[0].http_sd_configs",
        "alerting.alertmanagers[0].dns_sd_configs",
    ]
    assert 'job "web": http_sd_configs is not supported' in unsupported(config)[0].message


def test_the_text_shows_defaults_and_hides_secrets() -> None:
    config = load(
        """\
global: {external_labels: {region: '${REGION}'}}
remote_write:
  - url: http://far/write
    basic_auth: {username: u, password: hunter2}
"""
    )
    assert "scrape_interval: 1m" in config.text
    assert "region: eu" in config.text
    assert "hunter2" not in config.text
    again = load(config.text)
    assert again.global_.scrape_interval == config.global_.scrape_interval
    assert again.external_labels == config.external_labels
