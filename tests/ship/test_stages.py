"""Stages as cases: a pipeline, lines in, what comes out."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from vedette.model.time import parse_rfc3339
from vedette.ship.entries import Batch
from vedette.ship.stages import Pipeline, build_stage

CASES = """
- name: json into labels and line
  stages: [{json: {expressions: {level: , msg: message, code: http.status}}}, {labels: {level: , code: }}, {output: {source: msg}}]
  in: ['{"level":"info","message":"hi","http":{"status":500}}', 'plain', '{"level":null}']
  out: [[hi, {level: info, code: '500'}], [plain, {}], ['{"level":null}', {}]]
- name: objects become JSON text, numbers and booleans plain text
  stages: [{json: {expressions: {a: , b: , c: , d: }}}, {labels: {a: , b: , c: , d: }}]
  in: ['{"a":{"x":1},"b":1.5,"c":true,"d":1e21}']
  out: [['{"a":{"x":1},"b":1.5,"c":true,"d":1e21}', {a: '{"x":1}', b: '1.5', c: 'true', d: '1e+21'}]]
- name: malformed lines can be dropped
  stages: [{json: {expressions: {a: }, drop_malformed: 'true'}}]
  in: ['{"a":1}', 'x', '[1]']
  out: [['{"a":1}', {}]]
- name: json of an extracted value
  stages: [{json: {expressions: {inner: }}}, {json: {expressions: {user: }, source: inner}}, {labels: {user: }}]
  in: ['{"inner":"{\\"user\\":\\"bob\\"}"}']
  out: [['{"inner":"{\\"user\\":\\"bob\\"}"}', {user: bob}]]
- name: regex groups
  stages: [{regex: {expression: '^(?P<ip>\\S+) (?P<verb>[A-Z]+)'}}, {labels: {verb: , address: ip}}]
  in: ['10.0.0.1 GET /x', 'nothing here']
  out: [['10.0.0.1 GET /x', {verb: GET, address: 10.0.0.1}], ['nothing here', {}]]
- name: template over extracted values
  stages: [{json: {expressions: {l: level, m: msg}}}, {template: {source: m, template: '{{ ToUpper .l }} {{ .Value }}'}}, {output: {source: m}}]
  in: ['{"level":"warn","msg":"disk"}']
  out: [[WARN disk, {}]]
- name: an empty template result removes the value
  stages: [{json: {expressions: {a: }}}, {template: {source: a, template: ''}}, {output: {source: a}}]
  in: ['{"a":"x"}']
  out: [['{"a":"x"}', {}]]
- name: static labels, then only some, then without
  stages: [{static_labels: {env: prod, team: core}}, {labelallow: [env, team]}, {labeldrop: [team]}]
  in: [x]
  out: [[x, {env: prod}]]
- name: drop by value, by expression and by length
  stages: [{json: {expressions: {level: }}}, {drop: {source: level, value: debug}}, {drop: {expression: 'health'}}, {drop: {longer_than: 30b}}]
  in: ['{"level":"debug"}', 'GET /health', 'this line is rather longer than thirty bytes', ok]
  out: [[ok, {}]]
"""


def run(stages: list[dict[str, Any]], lines: list[str], now: int = 0) -> Batch:
    labels: dict[str, str] = {}
    batch = Batch(list(lines), [now] * len(lines), [labels] * len(lines))
    Pipeline([build_stage(*next(iter(s.items()))) for s in stages]).run(batch)
    assert labels == {}
    return batch


@pytest.mark.parametrize("case", yaml.safe_load(CASES), ids=lambda c: c["name"])
def test_cases(case: dict[str, Any]) -> None:
    batch = run(case["stages"], case["in"])
    assert [[line, labels] for line, labels in zip(batch.lines, batch.labels, strict=True)] == case["out"]


@pytest.mark.parametrize(
    ("format", "text", "want"),
    [
        ("RFC3339Nano", "2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.000000001Z"),
        ("Unix", "1767323045.5", "2026-01-02T03:04:05.5Z"),
        ("UnixMs", "1767323045500", "2026-01-02T03:04:05.5Z"),
        ("02/Jan/2006:15:04:05 -0700", "02/Jan/2026:04:04:05 +0100", "2026-01-02T03:04:05Z"),
    ],
)
def test_timestamps(format: str, text: str, want: str) -> None:
    stages = [{"regex": {"expression": "(?P<t>.*)"}}, {"timestamp": {"source": "t", "format": format}}]
    assert run(stages, [text]).timestamps == [parse_rfc3339(want)]


def test_unreadable_times_are_fudged_or_skipped() -> None:
    stages: list[dict[str, Any]] = [
        {"regex": {"expression": "(?P<t>.*)"}},
        {"timestamp": {"source": "t", "format": "RFC3339", "fallback_formats": ["Unix"]}},
    ]
    good = parse_rfc3339("2026-01-02T03:04:05Z")
    lines = ["never", "2026-01-02T03:04:05Z", "what", "1767323046"]
    assert run(stages, lines, now=7).timestamps == [7, good, good + 1, good + 10**9]
    stages[1]["timestamp"]["action_on_failure"] = "skip"
    assert run(stages, lines, now=7).timestamps == [7, good, 7, good + 10**9]
