"""Rule files: what is refused, and where it is said to stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.shared import shared_path
from vedette.config.document import parse_document, read_document
from vedette.config.problems import ConfigError
from vedette.metrics.rules.check import check_rules
from vedette.metrics.rules.load import load_rule_files

HEAD = "groups:\n- name: g\n  rules:\n"


def problems(text: str) -> list[str]:
    return [str(p) for p in check_rules(parse_document(text, path="r.yml", env={}))]


@pytest.mark.parametrize(
    ("rules", "want"),
    [
        ("  - expr: up\n", "r.yml:4: groups[0].rules[0]: one of 'record' or 'alert' must be set"),
        ("  - {record: a, alert: b, expr: up}\n", "only one of 'record' and 'alert' must be set"),
        ("  - record: a\n", "r.yml:4: groups[0].rules[0].expr: field 'expr' must be set in rule"),
        ("  - record: a\n    expr: up\n    for: 1m\n", "r.yml:6: groups[0].rules[0].for: invalid field 'for'"),
        ("  - record: a\n    expr: up\n    annotations: {x: y}\n", "invalid field 'annotations' in recording rule"),
        ("  - record: a\n    expr: up\n    keep_firing_for: 1m\n", "invalid field 'keep_firing_for'"),
        ("  - record: 'a{b=\"c\"}'\n    expr: up\n", "braces present in the recording rule name"),
        ("  - record: a\n    expr: up\n    labels: {__name__: x}\n", "r.yml:6: groups[0].rules[0].labels.__name__: invalid label name: __name__"),
        ("  - alert: A\n    expr: up\n    fro: 5m\n", 'r.yml:6: groups[0].rules[0].fro: unknown key "fro"; did you mean "for"?'),
        ("  - alert: A\n    expr: up\n    for: 5 minutes\n", 'unknown unit " minutes" in duration "5 minutes"'),
        ("  - alert: A\n    expr: up\n    annotations:\n      s: '{{ $lables.x }}'\n", "r.yml:7: groups[0].rules[0].annotations.s: error parsing template __alert_A: template: __alert_A:1: undefined variable \"$lables\""),
        ("  - alert: A\n    expr: up\n    labels: {s: '{{ nofunc }}'}\n", 'function "nofunc" not defined'),
    ],
)  # fmt: skip
def test_faults_of_rules(rules: str, want: str) -> None:
    found = problems(HEAD + rules)
    assert any(want in text for text in found), found


@pytest.mark.parametrize(
    ("expr", "line", "column"),
    [
        ("    expr: sum(up\n", 5, 17),
        ("    expr: 'sum(up'\n", 5, 18),
        ("    expr: |\n      sum(\n        up +\n      )\n", 8, 7),
        ("    expr: >-\n      rate(up[5m\n", 6, 17),
    ],
)
def test_a_fault_of_an_expression_stands_at_its_own_line(expr: str, line: int, column: int) -> None:
    document = parse_document(f"{HEAD}  - record: a\n{expr}", path="r.yml", env={})
    (problem,) = check_rules(document)
    assert "could not parse expression: " in problem.message and "parse error" in problem.message
    assert (problem.line, problem.column) == (line, column), problem


def test_faults_of_groups_all_at_once() -> None:
    text = "groups:\n- name: a\n  limit: x\n- name: b\n  nterval: 1m\n"
    assert problems(text) == [
        'r.yml:3: groups[0].limit: "x" is not a number; write a number',
        'r.yml:5: groups[1].nterval: unknown key "nterval"; did you mean "interval"?',
    ]
    twice = "groups:\n- name: a\n- name: a\n- rules: []\n"
    assert [p.split(": ", 2)[2].split(";")[0] for p in problems(twice)] == [
        'groupname: "a" is repeated in the same file',
        "Groupname must not be empty",
    ]


def test_a_wrong_shape_does_not_hide_bad_expressions() -> None:
    text = """
groups:
- name: a
  rules:
  - {alert: A, expr: "up ==", for: five}
  - {record: b, exprr: up}
  - 7
  - {record: c, expr: "rate(up)"}
- 8
- {name: d, rules: 9}
"""
    problems = check_rules(parse_document(text, path="r.yml", env={}))
    assert [p.line for p in problems if "could not parse expression" in p.message] == [5, 8]
    assert {p.line for p in problems} == {5, 6, 7, 8, 9, 10}


def test_duplicates_are_a_warning() -> None:
    rules = "  - {record: a, expr: up, labels: {x: y}}\n  - {record: a, expr: down, labels: {x: y}}\n  - {record: a, expr: up}\n"
    (problem,) = check_rules(parse_document(HEAD + rules, path="r.yml", env={}))
    assert (problem.severity, problem.line) == ("warning", 5)
    assert "as the rule in line 4" in problem.message


def test_keys_without_a_value_are_defaults(tmp_path: Path) -> None:
    path = tmp_path / "r.yml"
    path.write_text(
        "groups:\n- name: g\n  interval:\n  rules:\n  - alert: A\n    expr: 1\n    labels: {a: }\n    for:\n"
    )
    (group,) = load_rule_files([path], interval=15_000)
    (rule,) = group.rules
    assert (group.interval, rule.hold, rule.labels, rule.expr) == (15_000, 0, (("a", ""),), "1")


def test_a_group_gives_its_labels_and_a_rule_wins(tmp_path: Path) -> None:
    path = tmp_path / "r.yml"
    path.write_text(
        "groups:\n- name: g\n  interval: 1m\n  query_offset: 10s\n  limit: 5\n  labels: {team: ops, x: group}\n"
        "  rules:\n  - {record: a, expr: sum (up) , labels: {x: rule}}\n"
    )
    (group,) = load_rule_files([path], interval=15_000, query_offset=5)
    assert (group.key, group.interval, group.query_offset, group.limit) == (f"{path};g", 60_000, 10_000, 5)
    assert group.rules[0].labels == (("team", "ops"), ("x", "rule"))
    assert group.rules[0].printed == "sum(up)"


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("groups: [{name: g, rules: [{record: a, expr: 'sum('}]}]")
    (tmp_path / "b.yml").write_text("grups: []")
    (tmp_path / "c.yml").write_text("groups: []")
    with pytest.raises(ConfigError) as refusal:
        load_rule_files(sorted(tmp_path.iterdir()), interval=1000)
    assert [Path(p.file).name for p in refusal.value.problems] == ["a.yml", "b.yml"]


GOOD = [
    "rules/alert_rule.yaml", "rules/alert_rule1.yaml", "rules/rules.yaml", "rules/rules1.yaml", "rules/rules2.yaml",
    "rules/rules2_copy.yaml", "rules/rules_chain.yaml", "rules/rules_dependencies.yaml",
    "rules/rules_indeterminates.yaml", "rules/rules_multi_doc.yaml", "rules/rules_multiple.yaml",
    "rules/rules_multiple_dependents_on_base.yaml", "rules/rules_multiple_groups.yaml",
    "rules/rules_multiple_independent.yaml", "promtool/rules.yml", "promtool/at-modifier.yml",
    "promtool/bad-rules-error.yml",
]  # fmt: skip
BAD = [
    "rules/invalid_rules.yaml",
    "promtool/rules-bad.yml",
    "promtool/bad-rules-syntax.yml",
    "promtool/rules_extrafields.yml",
]


@pytest.mark.parametrize("name", GOOD)
def test_the_original_s_good_files(name: str) -> None:
    path = shared_path(f"conformance/{name}")
    assert not [p for p in check_rules(read_document(path)) if p.severity == "error"]


@pytest.mark.parametrize("name", BAD)
def test_the_original_s_bad_files(name: str) -> None:
    path = shared_path(f"conformance/{name}")
    assert [p for p in check_rules(read_document(path)) if p.severity == "error"]


@pytest.mark.parametrize("name", ["promtool/rules_duplicates.yml", "promtool/prometheus-rules.lint.yml"])
def test_the_original_s_lint_files(name: str) -> None:
    path = shared_path(f"conformance/{name}")
    assert {p.severity for p in check_rules(read_document(path))} == {"warning"}
