"""Alertmanager's functions."""

from __future__ import annotations

import pytest

from vedette.model.golayout import format_time, parse_time
from vedette.template import StringMap, TemplateError, parse
from vedette.template.alertmanager import functions
from vedette.template.gotime import Time

NOON = 1_767_268_800 * 10**9  # 2026-01-01 12:00:00 UTC
FUNCTIONS = functions(now=lambda: NOON + 90 * 10**9)


def text(written: str) -> str:
    data = {"t": Time(NOON), "labels": StringMap(a="1", b="x&y"), "list": ["x", "y"]}
    return parse(written, name="t", functions=FUNCTIONS, missing_key="zero").execute(data)


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ('{{ toUpper "ab" }}{{ toLower "AB" }}{{ title "ab cd" }}{{ trimSpace "  x " }}|', "ABabAb Cdx|"),
        ('{{ join "," .list }} {{ stringSlice "a" "b" | join "-" }}', "x,y a-b"),
        ('{{ match "a+" "baa" }} {{ reReplaceAll "(a)" "<$1>" "aba" }}', "true <a>b<a>"),
        ('{{ (list 1 "a") }} {{ append (list 1) 2 }} {{ (dict "k" 1 "l" "m").l }}', "[1 a] [1 2] m"),
        ('{{ date "2006-01-02 15:04:05 -0700 MST" .t }}', "2026-01-01 12:00:00 +0000 UTC"),
        ('{{ tz "Europe/Paris" .t | date "15:04 MST Z07:00" }} {{ (tz "Asia/Kolkata" .t).Hour }}', "13:00 CET +01:00 17"),
        ("{{ since .t }} {{ (since .t).Minutes }} {{ (now.Sub .t).Seconds }}", "1m30s 1.5 90"),
        ("{{ .t }} {{ .t.Format `Jan 2 3:04PM` }} {{ .t.Weekday }} {{ .t.Month }} {{ .t.Unix }}", "2026-01-01 12:00:00 +0000 UTC Jan 1 12:00PM Thursday January 1767268800"),
        ('{{ humanizeDuration 3661 }} {{ urlUnescape "a%20b+c" }}', "1h 1m 1s a b c"),
        ('{{ toJson .labels }} {{ toJson .list }} {{ toJson (dict "t" .t) }}', '{"a":"1","b":"x\\u0026y"} ["x","y"] {"t":"2026-01-01T12:00:00Z"}'),
        ('{{ base64encode "a?>" }} {{ base64decode "YT8-" }}', "YT8- a?>"),
        ('{{ (toDate "2006-01-02" "2026-03-04").Day }} {{ (toDate "2006" "x").IsZero }}', "4 true"),
        ("{{ .labels.nothing }}|", "|"),
    ],
)  # fmt: skip
def test_text(written: str, want: str) -> None:
    assert text(written) == want


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ('{{ tz "Nowhere/Land" .t }}', "error calling tz: unknown time zone Nowhere/Land"),
        ('{{ date "2006" "x" }}', 'can\'t handle "x" for arg of type time.Time'),
        ('{{ mustToDate "2006-01-02" "soon" }}', 'error calling mustToDate: parsing time "soon"'),
        ('{{ dict "a" }}', "error calling dict: dict requires even number of arguments"),
        ('{{ join "," 3 }}', "can't handle 3 for arg of type []string"),
        ('{{ match "(" "x" }}', "error calling match: error parsing regexp"),
    ],
)
def test_errors(written: str, error: str) -> None:
    with pytest.raises(TemplateError) as raised:
        text(written)
    assert error in str(raised.value)


@pytest.mark.parametrize(
    "layout",
    ["2006-01-02T15:04:05Z07:00", "Mon Jan _2 15:04:05 2006", "02 Jan 06 15:04 MST", "3:04:05.000PM 2006/1/2", "2006 002 15h"],
)  # fmt: skip
def test_layouts_read_what_they_write(layout: str) -> None:
    written = format_time(NOON, layout)
    assert parse_time(layout, written) == NOON
