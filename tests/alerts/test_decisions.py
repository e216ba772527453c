"""The small pure parts: matchers, fingerprints, merging, dedup, time intervals, routing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.alert import Alert, fingerprint, in_order
from vedette.alerts.config import read_config
from vedette.alerts.matchers import MatcherError, parse_matchers, show_matcher
from vedette.alerts.notification_log import LogEntry
from vedette.alerts.routing import build_routes, group_key
from vedette.alerts.stages.dedup import Reason, decide
from vedette.alerts.stages.send import delay_before
from vedette.alerts.store import AlertStore
from vedette.alerts.timeinterval import IntervalError, parse_spec
from vedette.config.document import parse_document
from vedette.model.labels import Labels, Matcher, MatchOp


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('severity="critical"', ['severity="critical"']),
        ("severity=critical", ['severity="critical"']),
        ("severity = critical", ['severity="critical"']),
        ('{severity=~"a|b", job!="x",}', ['severity=~"a|b"', 'job!="x"']),
        ("a=b,c!~d", ['a="b"', 'c!~"d"']),
        ('a="x,y"', ['a="x,y"']),
        ('a="say \\"hi\\""', ['a="say \\"hi\\""']),
        ('"läbel one" = "ü"', ['"läbel one"="ü"']),
        ("ünï=x", ['"ünï"="x"']),
        ("a=", ['a=""']),
        ('a=""', ['a=""']),
        ("a=b c", ['a="b c"']),
        (r"a=~\d+", [r'a=~"\\d+"']),
        (r'a=~"\d+"', [r'a=~"\\d+"']),
        # The classic reading is generous; Debian's amtool agrees.
        ("a==b", ['a="=b"']),
        ('{a="b"', ['a="b"']),
        ("foo:bar=x", ['"foo:bar"="x"']),
    ],
)
def test_matchers(text: str, want: list[str]) -> None:
    assert [str(matcher) for matcher in parse_matchers(text)] == want


@pytest.mark.parametrize("text", ["a", "=b", 'a="b"}x', 'a="b', "a b=c", '"a=b', "{{a=b}}x", "!a=b"])
def test_no_matchers(text: str) -> None:
    with pytest.raises(MatcherError):
        parse_matchers(text)


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1),
    st.sampled_from(("=", "!=")),
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))),
)
def test_a_matcher_reads_back(name: str, op: str, value: str) -> None:
    matcher = Matcher(name, op, value)
    shown = show_matcher(matcher)
    assert parse_matchers(shown) == [matcher]
    assert parse_matchers(f"{{{shown},{shown}}}") == [matcher, matcher]


def test_fingerprints_are_those_of_prometheus() -> None:
    # Answers of Debian's Alertmanager.
    assert f"{fingerprint(Labels.of(alertname='A')):016x}" == "d2c6efc389df0927"
    assert f"{fingerprint(Labels.of(alertname='A', job='x', severity='critical')):016x}" == "34bea90dbf99e83c"


def alert(start: int, end: int, heard: int, *, timeout: bool = False, **labels: str) -> Alert:
    return Alert(Labels(labels or {"a": "b"}), start, end, heard, timeout=timeout)


@pytest.mark.parametrize(
    ("known", "new", "want"),
    [
        # The earliest start stays, and a later word moves a guessed end.
        (alert(10, 110, 10, timeout=True), alert(50, 150, 50, timeout=True), (10, 150)),
        # A told end outlives a guess that is earlier.
        (alert(10, 500, 10), alert(50, 150, 50, timeout=True), (10, 500)),
        # A sender that says it ended is believed.
        (alert(10, 500, 10, timeout=True), alert(10, 60, 60), (10, 60)),
        # Apart in time: another incident.
        (alert(10, 20, 10), alert(50, 150, 50), (50, 150)),
    ],
)
def test_what_is_heard_again_is_one_story(known: Alert, new: Alert, want: tuple[int, int]) -> None:
    store = AlertStore()
    store.put([known], known.updated_at)
    store.put([new], new.updated_at)
    (kept,) = store
    assert (kept.starts_at, kept.ends_at) == want


def test_order_of_alerts() -> None:
    alerts = [alert(0, 1, 0, job=j, instance=i) for j, i in (("b", "1"), ("a", "2"), ("a", "1"))]
    assert [str(a.labels) for a in in_order(alerts)] == [
        '{instance="1", job="a"}',
        '{instance="2", job="a"}',
        '{instance="1", job="b"}',
    ]


def entry(at: int, firing: set[int], resolved: set[int] = set()) -> LogEntry:  # noqa: B006 (never changed)
    return LogEntry(at, frozenset(firing), frozenset(resolved))


@pytest.mark.parametrize(
    ("logged", "firing", "resolved", "send_resolved", "want"),
    [
        (None, {1}, set(), True, Reason.FIRST),
        (None, set(), {1}, True, Reason.NEVER_FIRED),
        (entry(90, {1}), {1, 2}, set(), True, Reason.NEW_ALERTS),
        (entry(90, set(), {1}), {1}, set(), True, Reason.FIRST),
        (entry(90, {1}), set(), {1}, True, Reason.ALL_RESOLVED),
        (entry(90, {1}), set(), {1}, False, Reason.ALL_RESOLVED),
        (entry(90, set(), {1}), set(), {1, 2}, True, Reason.NOTHING_NEW),
        (entry(90, {1, 2}), {1}, {2}, True, Reason.SOME_RESOLVED),
        (entry(90, {1, 2}), {1}, {2}, False, Reason.NOTHING_NEW),
        (entry(90, {1, 2}, {3}), {1}, {3}, True, Reason.NOTHING_NEW),
        (entry(49, {1}), {1}, set(), True, Reason.REPEAT),
        (entry(50, {1}), {1}, set(), True, Reason.NOTHING_NEW),
        # A quiet group is never repeated.
        (entry(1, set(), {1}), set(), {1}, True, Reason.NOTHING_NEW),
    ],
)
def test_is_there_anything_new(
    logged: LogEntry | None, firing: set[int], resolved: set[int], send_resolved: bool, want: Reason
) -> None:
    assert (
        decide(
            logged, frozenset(firing), frozenset(resolved), now=100, repeat=50, send_resolved=send_resolved
        )
        is want
    )


def test_retries_wait_longer_and_longer_up_to_a_minute() -> None:
    delays = [delay_before(attempt, 0.5) for attempt in range(2, 40)]
    assert delays[:3] == [0.5, 0.75, 1.125] and delays == sorted(delays) and delays[-1] == 60.0
    assert delay_before(2, 0.0) == 0.25


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("spec", "inside", "outside"),
    [
        ({"times": [("09:00", "17:00")]}, ["2026-01-01T09:00:00", "2026-01-01T16:59:59"], ["2026-01-01T08:59:59", "2026-01-01T17:00:00"]),
        ({"times": [("00:00", "24:00")]}, ["2026-01-01T23:59:59"], []),
        ({"weekdays": ["monday:friday"]}, ["2026-01-01T00:00:00"], ["2026-01-03T00:00:00"]),
        ({"weekdays": ["Sunday"]}, ["2026-01-04T00:00:00"], ["2026-01-05T00:00:00"]),
        ({"days_of_month": ["-3:-1"]}, ["2026-02-26T00:00:00", "2026-02-28T00:00:00"], ["2026-02-25T00:00:00"]),
        ({"days_of_month": ["29:31"]}, ["2028-02-29T00:00:00"], ["2026-02-28T00:00:00"]),
        ({"days_of_month": ["1:5", "20"]}, ["2026-02-03T00:00:00", "2026-02-20T00:00:00"], ["2026-02-06T00:00:00"]),
        ({"months": ["january:march", "12"], "years": ["2026:2027"]}, ["2026-03-01T00:00:00", "2027-12-01T00:00:00"], ["2026-04-01T00:00:00", "2028-01-01T00:00:00"]),
        ({"times": [("09:00", "10:00")], "location": "America/New_York"}, ["2026-01-01T14:30:00", "2026-07-01T13:30:00"], ["2026-01-01T09:30:00"]),
    ],
)  # fmt: skip
def test_time_intervals(spec: dict[str, list[str]], inside: list[str], outside: list[str]) -> None:
    interval = parse_spec(**spec)  # type: ignore[arg-type]
    assert [interval.contains(at(text)) for text in inside] == [True] * len(inside)
    assert [interval.contains(at(text)) for text in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    "spec",
    [
        {"times": [("17:00", "09:00")]},
        {"times": [("9:00", "10:00")]},
        {"times": [("09:00", "24:30")]},
        {"weekdays": ["friday:monday"]},
        {"days_of_month": ["0"]},
        {"days_of_month": ["-1:5"]},
        {"days_of_month": ["10:5"]},
        {"months": ["13"]},
        {"years": ["2027:2026"]},
        {"location": "Nowhere/Land"},
    ],
)
def test_time_intervals_that_mean_nothing(spec: dict[str, list[str]]) -> None:
    with pytest.raises(IntervalError):
        parse_spec(**spec)  # type: ignore[arg-type]


ROUTES = """
route:
  receiver: root
  group_by: [alertname]
  repeat_interval: 2h
  routes:
  - receiver: a
    matchers: [team=a]
    group_by: []
    routes:
    - {receiver: a-page, matchers: [severity=page], group_by: ['...'], continue: true}
    - {receiver: a-chat, matchers: ['severity=~"page|chat"'], repeat_interval: 1h}
  - {match: {team: b}, match_re: {severity: 'x.*'}, receiver: b}
receivers: [{name: root}, {name: a}, {name: a-page}, {name: a-chat}, {name: b}]
"""


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        ({"x": "y"}, [("root", "{}:{}", 7_200_000)]),
        ({"alertname": "A", "team": "a"}, [("a", '{}/{team="a"}:{}', 7_200_000)]),
        (
            {"alertname": "A", "team": "a", "severity": "page"},
            [
                (
                    "a-page",
                    '{}/{team="a"}/{severity="page"}:{alertname="A", severity="page", team="a"}',
                    7_200_000,
                ),
                ("a-chat", '{}/{team="a"}/{severity=~"page|chat"}:{}', 3_600_000),
            ],
        ),
        ({"team": "b", "severity": "xy"}, [("b", '{}/{severity=~"x.*",team="b"}:{}', 7_200_000)]),
        ({"team": "b", "severity": "page"}, [("root", "{}:{}", 7_200_000)]),
    ],
)
def test_routing(labels: dict[str, str], want: list[tuple[str, str, int]]) -> None:
    root = build_routes(read_config(parse_document(ROUTES, env={})).route)
    given = Labels(labels)
    found = [
        (route.options.receiver, group_key(route, route.group_labels(given)), route.options.repeat_interval)
        for route in root.match(given)
    ]
    assert found == want


def test_matchers_of_the_model_are_used() -> None:
    assert parse_matchers("a=~b.*")[0].op is MatchOp.REGEX
