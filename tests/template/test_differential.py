"""The same templates through amtool's `template render` and promtool's rule tests: Go itself is asked."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from vedette.alerts.alert import Alert
from vedette.alerts.notify.message import Message
from vedette.alerts.notify.templates import Texts, default_templates
from vedette.alerts.stages.dedup import Reason
from vedette.model.labels import Labels
from vedette.model.time import parse_rfc3339
from vedette.template import TemplateError
from vedette.template.prometheus import Surroundings, expand_alert

pytestmark = pytest.mark.differential

BREAK = "@@\n"
DATA = {
    "receiver": "team-x",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "A", "job": "<x>", "n": "1"},
            "annotations": {"summary": 'it\'s "bad" & <b>worse</b>', "zz": "", "url": "javascript:alert(1)"},
            "startsAt": "2026-01-02T03:04:05.678Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://p.example/graph?g0.expr=up%3D%3D0&g0.tab=1",
            "fingerprint": "0000000000000001",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "A", "job": "y"},
            "annotations": {},
            "startsAt": "2026-01-02T03:04:05Z",
            "endsAt": "2026-01-03T03:04:05Z",
            "generatorURL": "",
            "fingerprint": "0000000000000002",
        },
    ],
    "groupLabels": {"alertname": "A"},
    "commonLabels": {"alertname": "A"},
    "commonAnnotations": {},
    "externalURL": "http://am.example/x",
}

VALUES = ("42", "-7", "0", "3.14159", "1e21", "1e-7", "100000.0", "1234567.0", "2.0", '"hi"', '""', '"ä<&"', "true", "'c'", "nil")  # fmt: skip
VERBS = ("%v", "%d", "%s", "%q", "%x", "%X", "%t", "%T", "%f", "%.2f", "%g", "%e", "%E", "%G", "%c", "%U", "%b", "%o", "%5v", "%-5v|", "%05d", "%+d", "% d", "%#x", "%8.3f", "%.3s", "%6.2f", "%+.1e", "%#q", "%O", "%08.3f", "%-8.2f|", "%+v", "%.0f", "%.3g", "%5t")  # fmt: skip
PRINTF = [
    f"{{{{ printf {json.dumps(verb)} {value} }}}}"
    for verb, value in itertools.product(VERBS, VALUES)
    # The sharp flag on floats has no use in a template and is not followed.
    if "#" not in verb or ("." not in value and "e" not in value)
]

LANGUAGE = [
    "{{ .Status }} {{ .Receiver }} {{ .GroupLabels }} {{ .CommonAnnotations }} {{ len .Alerts }}",
    "{{ range $i, $a := .Alerts }}{{ $i }}{{ $a.Labels.job }}{{ $a.Labels.nope }}|{{ end }}",
    "{{ range .Alerts.Firing }}{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }},{{ end }}{{ end }}",
    "{{ (index .Alerts 0).Labels.Names | join `,` }} {{ (index .Alerts 0).Annotations.Values }}",
    "{{ with (index .Alerts 0).Labels.Remove (stringSlice `n` `job`) }}{{ . }}{{ end }}",
    "{{ (index .Alerts 0).StartsAt }} {{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 1).EndsAt.Unix }}",
    '{{ (index .Alerts 0).StartsAt.Format "Mon Jan _2 15:04:05.000 2006 -0700 MST PM 06 1 2 3 4 5" }}',
    "{{ (index .Alerts 0).StartsAt.Weekday }} {{ (index .Alerts 0).StartsAt.Month }} {{ (index .Alerts 0).StartsAt.YearDay }}",
    '{{ toUpper "aé" }} {{ title "hello wORLD it\'s foo_bar x-y 3rd" }} {{ match "^a.c$" "abc" }} {{ reReplaceAll "(b+)(c)?" "[$2${1}x$1y]" "abbcb" }}',
    "{{ and 1 0 }}{{ or 0 `x` }}{{ not 0 }}{{ eq 1 2 1 }}{{ ne `a` `b` }}{{ lt 1.5 2.5 }}{{ ge `b` `a` }}",
    "{{ index (stringSlice `a` `b`) 1 }}{{ slice `abcdef` 1 3 }}{{ len `äö` }}{{ index `abc` 0 }}",
    "{{ print 1 2 `a` `b` 3 nil true 1.5 }}|{{ println `x` 1 }}|{{ html `<'&\">` }}{{ js `'\"<&=\n` }}{{ urlquery `a b/ä~` }}",
    "a {{- 1 -}} b {{/* c */}} d {{- /* e */ -}} f",
    "{{ define `q` }}[{{ . }}]{{ end }}{{ template `q` 3 }}{{ block `r` 4 }}({{ . }}){{ end }}",
    "{{ $x := 1 }}{{ range .Alerts }}{{ $x = 2 }}{{ $y := .Status }}{{ $y }}{{ end }}{{ $x }}",
    "{{ range .Alerts }}{{ if eq .Status `resolved` }}{{ continue }}{{ end }}{{ .Status }}{{ else }}none{{ end }}",
    "{{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ .5 }} {{ 1. }} {{ 'a' }} {{ '\\n' }} {{ \"\\u00e9\\x41\" }}",
    "{{ (index .Alerts 0) }}",
    "{{ .Alerts.Firing | len | printf `%03d` }}{{ .ExternalURL | printf `%.4s` }}",
    "{{ if .CommonAnnotations }}y{{ else if .GroupLabels }}z{{ end }}{{ with .CommonAnnotations }}{{ else }}e{{ end }}",
    "{{ printf `%[2]d %[1]d` 1 2 }} {{ printf `%d` }} {{ printf `%d` 1 2 }} {{ printf `%!` }} {{ printf `%*d` 5 1 }} {{ printf `%[5]d` 1 }}",
    "{{ printf `%v %s %q %x` (stringSlice `a` `b`) (stringSlice `a`) (stringSlice `a`) (stringSlice `a`) }}",
]  # fmt: skip
HTML = [
    "<p title='{{ (index .Alerts 0).Annotations.summary }}'>{{ (index .Alerts 0).Annotations.summary }}</p>",
    "<a href=\"{{ (index .Alerts 0).Annotations.url }}\">{{ .Status }}</a>",
    "<a href=\"{{ (index .Alerts 0).GeneratorURL }}\">x</a><a href='{{ .ExternalURL }}/?q={{ (index .Alerts 0).Labels.job }}'>",
    "<p class={{ (index .Alerts 0).Annotations.summary }}>{{ safeHtml `<b>x</b>` }}</p><!-- {{ .Status }} -->",
    "<script>var x = {{ .GroupLabels }}, y = {{ len .Alerts }}, z = \"{{ (index .Alerts 0).Annotations.summary }}\";</script>",
    "<div style=\"color: {{ .Status }}\" onclick=\"go({{ (index .Alerts 0).Labels.job }})\">1 < 2 {{ 1 }}</div>",
    "<title>{{ (index .Alerts 0).Labels.job }}</title><textarea>{{ (index .Alerts 0).Labels.job }}</textarea>",
    "<a href=\"x?{{ .Status | urlquery }}\">{{ (index .Alerts 0).Labels.job | html }}</a>",
]  # fmt: skip
ERRORS = [
    "{{ .Nope }}", "{{ .Alerts.Nope }}", "{{ index .Alerts 9 }}", "{{ template `nope` }}", "{{ range .Status }}{{ end }}",
    "{{ lt 1 1.5 }}", "{{ eq 1 `a` }}", "{{ gt true false }}", "{{ toUpper 1 }}", "{{ toUpper }}", "{{ .Status 1 }}", "{{ 1 2 }}",
    "{{ .Status.x }}", "\n\n  {{ len 3 }}", "{{ nil }}", "{{ if }}x{{ end }}", "{{ end }}", "{{ x }}", "{{ $x }}", "{{ `a", "{{ 1x }}",
    "{{ (1 }}", "{{ .a := 1 }}", "{{ \"a\".b }}", "{{ range .Alerts }}", "{{ define `a` }}", "{{ break }}", "{{ 1 | 2 }}",
    "{{ match `(` `a` }}", "{{ printf 3 }}", "{{ not 1 2 }}", "{{ slice `abc` 2 1 }}", "{{ /* x }}", "{{/* x", "{{ 'ab' }}", "{{ else }}", "{{ @ }}",
    "{{ .Labels.x | printf }}", "{{ join `,` .Status }}", "{{ index nil 1 }}", "{{ index .GroupLabels 1 }}", "{{ $a, $b := 1 }}", "{{ range $a, $b, $c := .Alerts }}{{ end }}",
]  # fmt: skip


def amtool(text: str, tmp_path: Path, *, html: bool = False) -> tuple[bool, str]:
    program = shutil.which("amtool")
    if program is None:
        pytest.skip("amtool is not installed")
    (tmp_path / "none.tmpl").write_text('{{ define "unused" }}{{ end }}')
    (tmp_path / "data.json").write_text(json.dumps(DATA))
    done = subprocess.run(
        [
            program,
            "template",
            "render",
            f"--template.glob={tmp_path}/none.tmpl",
            f"--template.data={tmp_path}/data.json",
            f"--template.type={'html' if html else 'text'}",
            f"--template.text={text}",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        return False, done.stderr.strip().removeprefix("amtool: error: ")
    return True, done.stdout.removesuffix("\n")


def ours(text: str, *, html: bool = False) -> str:
    def alert(told: dict[str, Any]) -> Alert:
        resolved = told["status"] == "resolved"
        ends_at = parse_rfc3339(told["endsAt"]) if resolved else 1 << 62
        return Alert(
            Labels(told["labels"]),
            parse_rfc3339(told["startsAt"]),
            ends_at,
            0,
            told["annotations"],
            told["generatorURL"],
        )

    alerts = [alert(told) for told in DATA["alerts"]]  # type: ignore[attr-defined]
    now = parse_rfc3339("2026-02-01T00:00:00Z")
    message = Message(
        "team-x", "{}", Labels.of(alertname="A"), alerts, Reason.FIRST, now, "http://am.example/x"
    )
    for shown, told in zip(message.data.alerts, DATA["alerts"], strict=True):  # type: ignore[arg-type]
        shown.fingerprint = told["fingerprint"]  # type: ignore[index]
    texts = Texts(default_templates(now=lambda: now), message.data)
    return texts.html(text) if html else texts.text(text)


@pytest.mark.parametrize(("cases", "html"), [(PRINTF, False), (LANGUAGE, False), (LANGUAGE[:6], True), (HTML, True)], ids=["printf", "language", "language-html", "html"])  # fmt: skip
def test_go_prints_the_same(cases: list[str], html: bool, tmp_path: Path) -> None:
    # One run for all cases: a process each would take minutes.
    text = BREAK.join(cases)
    worked, theirs = amtool(text, tmp_path, html=html)
    assert worked, theirs
    wrong = [
        (case, ours_, theirs_)
        for case, ours_, theirs_ in zip(
            cases, ours(text, html=html).split(BREAK), theirs.split(BREAK), strict=True
        )
        if ours_.rstrip("\n") != theirs_.rstrip("\n")
    ]
    assert not wrong, "\n".join(
        f"{case}\n  ours   {mine!r}\n  theirs {other!r}" for case, mine, other in wrong
    )


@pytest.mark.slow
def test_go_complains_the_same(tmp_path: Path) -> None:
    wrong: list[str] = []
    for case in ERRORS:
        worked, theirs = amtool(case, tmp_path)
        try:
            mine = f"no error: {ours(case)}"
        except TemplateError as error:
            mine = str(error)
        if worked or mine != theirs:
            wrong.append(f"{case}\n  ours   {mine}\n  theirs {theirs}")
    assert not wrong, "\n".join(wrong)


ANNOTATIONS = [
    "{{ humanize 1234567 }} {{ humanize 0.000123 }} {{ humanize -1500.5 }} {{ humanize `12` }} {{ humanize 999.95 }} {{ humanize 1e30 }}",
    "{{ humanize1024 1048576 }} {{ humanize1024 0.5 }} {{ humanize1024 -2048 }}",
    "{{ humanizeDuration 93784.5 }} {{ humanizeDuration 59.9999 }} {{ humanizeDuration 0.00123 }} {{ humanizeDuration -3601 }} {{ humanizeDuration 0 }}",
    "{{ humanizePercentage 0.98765 }} {{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp -1.5 }}",
    "{{ title `ab c-d` }} {{ reReplaceAll `(a)` `${1}1` `aba` }} {{ stripPort `a:1` }} {{ stripPort `[::1]:1` }} {{ parseDuration `1h2m` }}",
    "{{ $labels.job }} {{ $value }} {{ printf `%.1f` $value }} {{ $labels.nope }}| {{ $externalLabels.e }} {{ .Labels.instance }}",
    "{{ with query `up` | sortByLabel `job` }}{{ . | first | value }} {{ range . }}{{ .Labels.job }}={{ .Value }} {{ end }}{{ end }}",
    "{{ range query `up` | sortByLabel `instance` }}{{ label `instance` . }} {{ end }}{{ graphLink `up > 0` }} {{ tableLink `a b` }}",
    "{{ if gt $value 0.5 }}high{{ else }}low{{ end }} {{ (args 1 `b`).arg1 }} {{ toUpper `x` }} {{ safeHtml `<b>` }}",
    "{{ if gt $value 80 }}x{{ end }}",
    "{{ $labels.job.x }}",
    "{{ humanize `x` }}",
    "{{ query `none` | first }}",
    "{{ query `none` | first | value }}",
]  # fmt: skip


@pytest.mark.slow
def test_prometheus_says_the_same(tmp_path: Path) -> None:
    """promtool prints what it got for each annotation when it expected something else."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed")
    rules = {
        "groups": [
            {
                "name": "g",
                "rules": [
                    {"alert": f"A{at}", "expr": 'up{instance="i:1"} * 0.75', "annotations": {"text": text}}
                    for at, text in enumerate(ANNOTATIONS)
                ],
            }
        ]
    }
    tests = {
        "rule_files": ["rules.json"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "external_labels": {"e": "ext"},
                "external_url": "http://p.example",
                "input_series": [
                    {"series": 'up{job="j", instance="i:1"}', "values": "1 1"},
                    {"series": 'up{job="k", instance="h:1"}', "values": "0 0"},
                ],
                "alert_rule_test": [
                    {"eval_time": "1m", "alertname": f"A{at}", "exp_alerts": []}
                    for at in range(len(ANNOTATIONS))
                ],
            }
        ],
    }
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    (tmp_path / "tests.json").write_text(json.dumps(tests))
    done = subprocess.run(
        [program, "test", "rules", str(tmp_path / "tests.json")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = done.stdout + done.stderr
    rows = [({"job": "j", "instance": "i:1"}, 1.0), ({"job": "k", "instance": "h:1"}, 0.0)]
    around = Surroundings(
        query=lambda expression: rows if expression == "up" else [], external_url="http://p.example"
    )
    found = dict(
        re.findall(r"alertname: (A\d+), time: 1m,.*?Annotations:\{text=(\".*?\")\}", told, re.DOTALL)
    )
    wrong: list[str] = []
    for at, text in enumerate(ANNOTATIONS):
        if f"A{at}" not in found:
            continue  # a template that does not parse keeps the whole file from loading
        theirs = json.loads(found[f"A{at}"])
        try:
            mine = expand_alert(
                text,
                name=f"A{at}",
                labels={"job": "j", "instance": "i:1"},
                value=0.75,
                around=around,
                external_labels={"e": "ext"},
            )
        except TemplateError as error:
            mine = f"<error expanding template: {error}>"
        if mine != theirs:
            wrong.append(f"{text}\n  ours   {mine}\n  theirs {theirs}")
    assert len(found) >= len(ANNOTATIONS) - 1, told
    assert not wrong, "\n".join(wrong)
