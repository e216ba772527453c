"""Prometheus's functions, and the text of alerts."""

from __future__ import annotations

import math

import pytest

from vedette.template import FunctionError, TemplateError
from vedette.template.prometheus import Surroundings, expand_alert, expand_console

ROWS = [({"__name__": "up", "job": "b"}, 1.0), ({"__name__": "up", "job": "a"}, 0.0)]


def query(expression: str) -> list[tuple[dict[str, str], float]]:
    if expression == "bad":
        raise FunctionError("parse error")
    return ROWS if expression == "up" else []


AROUND = Surroundings(query=query, external_url="http://prom.example/prefix", now=lambda: 1435065584.128)


def text(written: str, value: float = 0.5) -> str:
    return expand_alert(
        written,
        name="A",
        labels={"job": "api", "instance": "host.example.org:9100"},
        value=value,
        around=AROUND,
        external_labels={"site": "x"},
    )


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ("{{ $labels.job }} {{ $value }} {{ $externalLabels.site }} {{ $externalURL }}", "api 0.5 x http://prom.example/prefix"),
        ("{{ .Labels.job }} {{ .Value }} {{ $labels.nothing }}|", "api 0.5 |"),
        ('{{ range query "up" }}{{ .Labels.job }}={{ .Value }} {{ end }}', "b=1 a=0 "),
        ('{{ range query "up" | sortByLabel "job" }}{{ label "job" . }}{{ value . }} {{ end }}', "a0 b1 "),
        ('{{ query "up" | first | value }} {{ (query "up" | first).Labels.job }}', "1 b"),
        ('{{ with query "none" }}some{{ else }}none{{ end }}', "none"),
        ("{{ humanize 1234567.0 }} {{ humanize 0.00012 }} {{ humanize -999 }} {{ humanize 0 }} {{ humanize 1e27 }}", "1.235M 120u -999 0 1000Y"),
        ('{{ humanize1024 1048576.0 }} {{ humanize1024 1 }} {{ humanize1024 "1536" }}', "1Mi 1 1.5ki"),
        ("{{ humanizeDuration 0 }} {{ humanizeDuration 90061 }} {{ humanizeDuration 3661 }} {{ humanizeDuration 61.5 }} {{ humanizeDuration 59.25 }} {{ humanizeDuration 0.0045 }} {{ humanizeDuration -61 }}", "0s 1d 1h 1m 1s 1h 1m 1s 1m 1s 59.25s 4.5ms -1m 1s"),
        ("{{ humanizePercentage 0.12345 }} {{ humanizePercentage 1 }}", "12.35% 100%"),
        ("{{ humanizeTimestamp 1435065584.128 }}", "2015-06-23 13:19:44.128 +0000 UTC"),
        ('{{ (1435065584.128 | toTime).Format "2006/01/02 15:04:05.000 Mon Jan _2 MST" }}', "2015/06/23 13:19:44.128 Tue Jun 23 UTC"),
        ("{{ toDuration 90.5 }} {{ (toDuration 90.5).Seconds }}", "1m30.5s 90.5"),
        ('{{ parseDuration "1h30m" }} {{ now }}', "5400 1.435065584128e+09"),
        ('{{ title "aa bb-cc d_e" }} {{ toUpper "a" }} {{ toLower "B" }}', "Aa Bb-Cc D_e A b"),
        ('{{ match "a.*" "xab" }} {{ reReplaceAll "(a)(b)" "$2-${1}x" "ab ab" }} {{ reReplaceAll "a" "$$1x$1x" "a" }}', "true b-ax b-ax $1x"),
        ("{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripDomain `10.0.0.1:80` }} {{ stripPort `[::1]:80` }} {{ stripDomain `a.b` }}", "host.example.org host:9100 10.0.0.1:80 ::1 a"),
        ('{{ graphLink "up == 0" }} {{ tableLink "a/b" }}', "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=a%2Fb&g0.tab=1"),
        ("{{ externalURL }} {{ pathPrefix }} {{ urlQueryEscape `a b` }}", "http://prom.example/prefix /prefix a+b"),
        ('{{ define "x" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template "x" (args 1 "b") }}', "1-b"),
        ('{{ safeHtml "<b>" }} {{ strvalue (query "up" | first) }}|', "<b> |"),
        ("no template {", "no template {"),
    ],
)  # fmt: skip
def test_text(written: str, want: str) -> None:
    assert text(written) == want


def test_infinities() -> None:
    assert (
        text("{{ humanize $value }} {{ humanizeDuration $value }} {{ $value }}", math.inf) == "+Inf +Inf +Inf"
    )
    assert (
        text("{{ humanize1024 $value }} {{ $value }} {{ humanizeTimestamp $value }}", math.nan)
        == "NaN NaN NaN"
    )


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ('{{ query "bad" }}', 'error calling query: parse error'),
        ('{{ query "none" | first }}', "error calling first: first() called on vector with no elements"),
        ('{{ humanize "x" }}', 'error calling humanize: strconv.ParseFloat: parsing "x": invalid syntax'),
        ('{{ parseDuration "x" }}', 'error calling parseDuration: not a valid duration string: "x"'),
        ("{{ if gt $value 80 }}x{{ end }}", "error calling gt: incompatible types for comparison"),
        ('{{ reReplaceAll "(" "" "" }}', "error calling reReplaceAll: error parsing regexp"),
        ("{{ .Nope }}", "can't evaluate field Nope in type struct { Labels map[string]string;"),
    ],
)  # fmt: skip
def test_errors(written: str, error: str) -> None:
    with pytest.raises(TemplateError) as raised:
        text(written)
    assert error in str(raised.value)
    assert str(raised.value).startswith("error executing template __alert_A: template: __alert_A:1:")


def test_a_fault_is_counted_from_where_prometheus_counts() -> None:
    with pytest.raises(TemplateError) as raised:
        text("{{ $labels.job.x }}")
    assert "template: __alert_A:1:122: executing" in str(raised.value)


def test_console() -> None:
    page = expand_console(
        '{{ template "head" "<t>" }}{{ tmpl "head" "x" }}<a href="{{ graphLink "a b" }}">{{ range query "up" }}{{ .Labels.job }}{{ end }}</a>',
        name="page.html",
        data=None,
        around=AROUND,
        libraries={"lib": '{{ define "head" }}<h1>{{ . }}</h1>{{ end }}'},
    )
    assert page == '<h1>&lt;t&gt;</h1><h1>x</h1><a href="/graph?g0.expr=a&#43;b&amp;g0.tab=0">ba</a>'
