from __future__ import annotations

from pathlib import Path

import pytest

from support.shared import shared_path
from vedette.config.document import parse_document, read_document
from vedette.ship.config import check_config, load

HEAD = "clients: [{url: http://loki:3100/loki/api/v1/push}]\nscrape_configs:\n- job_name: a\n  static_configs: [{targets: [localhost], labels: {__path__: /x/*.log}}]\n"


def said(text: str) -> list[str]:
    return [str(p) for p in check_config(parse_document(text, path="p.yml", env={}))]


def test_the_shipped_guide_is_clean() -> None:
    document = read_document(Path(__file__).parents[2] / "guide/logs/promtail-config.yml")
    assert check_config(document) == []
    assert load(document).server.http_listen_port == 9080


def test_the_guide_as_given_loads_with_warnings() -> None:
    problems = check_config(read_document(shared_path("guide/logs/promtail-config.yml")))
    assert {p.severity for p in problems} == {"warning"}
    text = "\n".join(str(p) for p in problems)
    assert "/tmp" in text
    assert "Docker's time is not used" in text
    assert "Docker's newline stays" in text


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        ("{json: {}}", "JMES expression is required"),
        ("{json: {expressions: {a: 'b[['}}}", "could not compile JMES expression"),
        ("{regex: {expression: '(?P<a'}}", "could not compile regular expression"),
        ("{regex: {expression: 'abc'}}", "has no named group"),
        ("{timestamp: {source: t}}", "timestamp format value is required"),
        ("{timestamp: {source: t, format: RFC3339, location: Mars/Base}}", "unknown time zone"),
        ("{labels: {'a-b': }}", "invalid label name"),
        ("{drop: {value: x}}", "at least one of"),
        ("{kafka: {}}", 'unknown stage "kafka"'),
        ("{multiline: {firstline: x}}", 'the stage "multiline" is not supported'),
        ("{output: {sauce: x}}", 'unknown key "sauce"'),
        ("{template: {source: a, template: '{{ .x'}}", "template"),
    ],
)
def test_stage_faults_have_a_line(stage: str, fault: str) -> None:
    found = said(f"{HEAD}  pipeline_stages:\n  - {stage}\n")
    assert len(found) == 1
    assert found[0].startswith("p.yml:6: scrape_configs[0].pipeline_stages[0]")
    assert fault in found[0]


def test_other_faults() -> None:
    found = said(
        "clients: []\nscrape_configs:\n- job_name: a\n  journal: {}\n- job_name: b\n  static_configs: [{targets: [x], labels: {job: y}}]\n  pipelines: []\n"
    )
    assert any("p.yml:4: scrape_configs[0].journal: journal is not supported" in p for p in found)
    assert any('unknown key "pipelines"; did you mean "pipeline_stages"?' in p for p in found)


@pytest.mark.parametrize(
    "part",
    [
        "limits_config: {max_line_size: 1KB}",
        "limits_config: {readline_rate_enabled: true}",
        "target_config: {stdin: true}",
    ],
)
def test_what_nothing_acts_on_is_refused_by_name(part: str) -> None:
    found = said(f"{HEAD}{part}\n")
    assert len(found) == 1
    assert found[0].startswith("p.yml:5: ")
    assert found[0].endswith("; remove it")
