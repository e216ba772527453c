"""Rule unit tests: the original's own files, and promtool's verdict beside ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.shared import shared_path
from vedette.config.problems import ConfigError
from vedette.metrics.rules.unit.run import run_unit_file

LONG = [pytest.param(name, marks=pytest.mark.slow) for name in ("unittest.yml", "long-period.yml")]
GOOD = [
    "at-modifier-test.yml",
    "negative-offset-test.yml",
    "no-test-group-interval.yml",
    "start-time-test.yml",
    *LONG,
]


@pytest.mark.parametrize("name", GOOD)
def test_the_original_s_files_pass(name: str) -> None:
    outcome = run_unit_file(shared_path(f"conformance/promtool/{name}"))
    assert outcome.failures == []


@pytest.mark.parametrize(
    ("name", "failing"),
    [
        (
            "failing.yml",
            ["Failing test: alertname", "Failing test: expr", "Failing alert test", "Failing alert test"],
        ),
        ("bad-promql.yml", ["test 1: expr"]),
        ("rules_run.yml", ["wrong test: expr"]),
        ("rules_run_fuzzy.yml", ["wrong fuzzy match: expr"] * 2),
        ("rules_run_no_fuzzy.yml", ["correct fuzzy match: expr"] * 2),
        ("bad-rules-error-test.yml", ["test 1: rule: joined, err: "]),
    ],
)
def test_the_original_s_files_fail(name: str, failing: list[str]) -> None:
    outcome = run_unit_file(shared_path(f"conformance/promtool/{name}"))
    assert len(outcome.failures) == len(failing), outcome.failures
    for text, beginning in zip(sorted(outcome.failures), sorted(failing), strict=True):
        assert text.startswith(beginning)


def test_a_rule_file_with_a_fault_is_named() -> None:
    with pytest.raises(ConfigError, match=r"bad-rules-syntax\.yml:7: .*parse error"):
        run_unit_file(shared_path("conformance/promtool/bad-rules-syntax-test.yml"))


TESTS = """
rule_files: [rules.yml]
evaluation_interval: 30s
tests:
- interval: 30s
  input_series:
  - {series: 'up{job="a"}', values: '1 1 0 0 0 0 0 1 1 _ _ stale'}
  - {series: 'load{job="a"}', values: '0+1x20'}
  alert_rule_test:
  - {eval_time: 1m30s, alertname: Down, exp_alerts: []}
  - eval_time: 2m
    alertname: Down
    exp_alerts: [{exp_labels: {job: a, team: 'ops-a'}, exp_annotations: {text: 'a is 0, load 4, load 4'}}]
  - {eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {job: a, team: 'ops-a'}, exp_annotations: {text: 'a is 0, load 6, load 6'}}]}
  - {eval_time: 6m, alertname: Down, exp_alerts: []}
  promql_expr_test:
  - {expr: 'count by (alertstate) (ALERTS)', eval_time: 1m, exp_samples: [{labels: '{alertstate="pending"}', value: 1}]}
  - {expr: 'ALERTS_FOR_STATE', eval_time: 2m, exp_samples: [{labels: 'ALERTS_FOR_STATE{alertname="Down", job="a", team="ops-a"}', value: 60}]}
  - {expr: 'load:double', eval_time: 2m, exp_samples: [{labels: 'load:double{job="a",kind="x"}', value: 8}]}
"""
RULES = """
groups:
- name: g
  rules:
  - {record: 'load:double', expr: load * 2, labels: {kind: x}}
  - alert: Down
    expr: up == 0
    for: 1m
    keep_firing_for: 2m
    labels: {team: 'ops-{{ $labels.job }}'}
    annotations: {text: '{{ .Labels.job }} is {{ $value }}, load {{ with query "load" }}{{ . | first | value }}{{ end }}, load {{ range query "load" }}{{ .Value }}{{ end }}'}
"""


@pytest.mark.parametrize("wrong", [False, True])
def test_a_timetable_of_an_alert_and_promtool_agrees(tmp_path: Path, wrong: bool) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    path = tmp_path / "tests.yml"
    path.write_text(TESTS.replace("'ops-a'", "'ops-b'") if wrong else TESTS)
    outcome = run_unit_file(path)
    assert bool(outcome.failures) == wrong, outcome.failures


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's promtool is not installed")
@pytest.mark.parametrize(
    "name", ["failing.yml", "at-modifier-test.yml", "negative-offset-test.yml", "own", "own wrong"]
)
def test_promtool_s_verdict(tmp_path: Path, name: str) -> None:
    if name.startswith("own"):
        # 2.42 knows no keep_firing_for.
        (tmp_path / "rules.yml").write_text(RULES.replace("    keep_firing_for: 2m\n", ""))
        path = tmp_path / "tests.yml"
        text = "\n".join(line for line in TESTS.splitlines() if "eval_time: 4m" not in line)
        path.write_text(text.replace("value: 8", "value: 9") if name == "own wrong" else text)
    else:
        path = shared_path(f"conformance/promtool/{name}")
    verdict = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, check=False)
    assert bool(run_unit_file(path).failures) == (verdict.returncode != 0), verdict.stderr.decode()
