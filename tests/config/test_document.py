from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from vedette.config.document import parse_document, read_document
from vedette.config.model import ByteSize, Duration, RegexText, Secret, Strict, validate
from vedette.config.problems import ConfigError


class Job(Strict):
    job_name: str
    scrape_interval: Duration = 15_000
    honor_labels: bool = False
    limit: int = 0
    password: Secret = Secret("")
    size: ByteSize = 0
    regex: RegexText = ""


class Root(Strict):
    jobs: tuple[Job, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


def read(text: str, **env: str) -> Root:
    return validate(parse_document(text, path="prometheus.yml", env=env), Root)


def faults(text: str, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **env)
    return [str(p) for p in caught.value.problems]


def test_types_are_the_models_decision() -> None:
    root = read(
        "jobs:\n- job_name: 1.10\n  scrape_interval: 1m30s\n  honor_labels: true\n  limit: 5\n  size: 2KB\nlabels: {on: yes, v: 010, d: 2020-10-24}\n"
    )
    job = root.jobs[0]
    assert (job.job_name, job.scrape_interval, job.honor_labels, job.limit, job.size) == (
        "1.10",
        90_000,
        True,
        5,
        2048,
    )
    assert root.labels == {"on": "yes", "v": "010", "d": "2020-10-24"}


def test_every_fault_at_its_line_with_what_to_write() -> None:
    found = faults(
        "jobs:\n- job_nam: a\n- job_name: b\n  scrape_interval: 15x\n  honor_labels: maybe\n- job_name: c\n  regex: '('\nlabel: {}\n"
    )
    assert found == [
        'prometheus.yml:2: jobs[0].job_name: key "job_name" is missing; add it',
        'prometheus.yml:2: jobs[0].job_nam: unknown key "job_nam"; did you mean "job_name"?',
        'prometheus.yml:4: jobs[1].scrape_interval: unknown unit "x" in duration "15x"',
        'prometheus.yml:5: jobs[1].honor_labels: "maybe" is not true or false; write true or false',
        "prometheus.yml:7: jobs[2].regex: error parsing regexp: missing closing ): `^(?s:()$`",
        'prometheus.yml:8: label: unknown key "label"; did you mean "labels"?',
    ]


def test_environment_is_expanded_in_values() -> None:
    text = "labels: {a: '${HOST}:1', b: '${NONE:-x y}', c: '$$HOME', d: '$1 ${1} $labels', e: '${EMPTY}'}"
    assert read(text, HOST="h", EMPTY="").labels == {
        "a": "h:1", "b": "x y", "c": "$HOME", "d": "$1 ${1} $labels", "e": ""
    }  # fmt: skip


def test_every_undefined_variable_is_named() -> None:
    assert faults("labels:\n  a: ${A}\n  b: ${B}\n") == [
        "prometheus.yml:2: labels.a: environment variable A is not set; set it, or write ${A:-default}",
        "prometheus.yml:3: labels.b: environment variable B is not set; set it, or write ${B:-default}",
    ]


def test_dollar_keys_keep_their_own_escapes() -> None:
    assert parse_document("replacement: a$$1${X}", env={"X": "y"}).data == {"replacement": "a$$1y"}


def test_a_secret_is_never_shown() -> None:
    job = read("jobs:\n- {job_name: a, password: hunter2}").jobs[0]
    assert "hunter2" not in f"{job!r} {job.password} {job.password!r} {job.model_dump_json()}"
    assert job.password.reveal() == "hunter2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "not valid YAML"),
        ("a: 1\n\tb: 2", "x.yml:2: not valid YAML"),
        ("a: 1\nb: 2\na: 3", 'x.yml:3: a: key "a" stands here twice; keep one of them'),
    ],
)
def test_syntax_faults(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_document(text, path="x.yml", env={})
    assert message in str(caught.value)


def test_a_character_that_yaml_has_not_is_named_with_its_place() -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_document("a: 1\nb: ü\nfoo: \0\n", path="x.yml", env={})
    assert [str(p) for p in refusal.value.problems] == [
        "x.yml:3: not valid YAML: unacceptable character #x00; remove it"
    ]


def test_anchors_and_merges() -> None:
    data = parse_document("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n", env={}).data
    assert data["use"] == {"x": "1", "y": "3"}


def test_only_the_first_document_is_read() -> None:
    assert parse_document("a: 1\n---\nb: 2\n", env={}).data == {"a": "1"}


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_document(tmp_path / "none.yml")
