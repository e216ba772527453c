"""alertmanager.yml: what loads, what is refused and in which words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.shared import shared_path
from vedette.alerts.config import check_config, load_config, read_config
from vedette.alerts.settings.receiver import ReceiverSettings
from vedette.config.document import parse_document
from vedette.config.problems import ConfigError

BAD = re.compile(r"-both-|-no-(?!username)|invalid|nil-|old-team|update-message-and-webhook")


def conformance_files() -> list[Path]:
    try:
        return sorted(shared_path("conformance/alertmanager-config").glob("*.yml"))
    except BaseException:  # skipped below
        return []


def test_the_conformance_files_are_there() -> None:
    assert len(list(shared_path("conformance/alertmanager-config").glob("*.yml"))) > 40


@pytest.mark.parametrize("path", conformance_files(), ids=lambda path: path.stem)
def test_conformance(path: Path) -> None:
    if BAD.search(path.stem):
        with pytest.raises(ConfigError) as raised:
            load_config(path, {})
        assert all(problem.line for problem in raised.value.problems)
    else:
        config = load_config(path, {})
        # What the API shows loads again and means the same, but for the secrets.
        again = read_config(parse_document(config.shown(), env={}))
        assert again.shown() == config.shown()
        assert set(again.receivers) == set(config.receivers)


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read_config(parse_document(text, path="am.yml", env={"HOOK": "http://hook.example/secret"}))
    return [str(problem) for problem in raised.value.problems]


RECEIVERS = """
receivers:
- name: a
  webhook_configs: [{url: 'http://x.example/'}]
"""


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("receivers: []", "no routes provided"),
        (f"route: {{}}{RECEIVERS}", "am.yml:1: route.receiver: root route must specify a default receiver"),
        (f"route: {{receiver: b}}{RECEIVERS}", 'am.yml:1: route.receiver: undefined receiver "b" used in route; add it under receivers; defined: a'),
        (f"route: {{receiver: a, match: {{x: y}}}}{RECEIVERS}", "root route must not have any matchers"),
        (f"route: {{receiver: a, continue: true}}{RECEIVERS}", "cannot have continue in root route"),
        (f"route: {{receiver: a, mute_time_intervals: [x]}}{RECEIVERS}", "root route must not have any mute time intervals"),
        (f"route: {{receiver: a, routes: [{{active_time_intervals: [x]}}]}}{RECEIVERS}", 'undefined time interval "x" used in route'),
        (f"route: {{receiver: a, group_by: ['...', b]}}{RECEIVERS}", "cannot have wildcard group_by"),
        (f"route: {{receiver: a, group_by: [b, b]}}{RECEIVERS}", 'duplicated label "b" in group_by'),
        (f"route: {{receiver: a, group_interval: 0s}}{RECEIVERS}", "group_interval cannot be zero"),
        (f"route: {{receiver: a, repeat_interval: 5}}{RECEIVERS}", 'not a valid duration string: "5"'),
        (f"route: {{receiver: a, group_wayt: 5s}}{RECEIVERS}", 'am.yml:1: route.group_wayt: unknown key "group_wayt"; did you mean "group_wait"?'),
        (f"route: {{receiver: a, routes: [{{matchers: ['x']}}]}}{RECEIVERS}", "bad matcher format: x"),
        (f"route: {{receiver: a, routes: [{{match_re: {{x: '('}}}}]}}{RECEIVERS}", "error parsing regexp: missing closing )"),
        (f"route: {{receiver: a}}{RECEIVERS}- name: a", 'notification config name "a" is not unique'),
        (f"route: {{receiver: a}}{RECEIVERS}- webhook_configs: []", "missing name in receiver"),
        ("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'x.example'}]}]", 'unsupported scheme "" for URL'),
        ("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{}]}]", "one of url or url_file must be configured"),
        ("route: {receiver: a}\nreceivers: [{name: a, pagerduty_configs: [{}]}]", "missing service or routing key in PagerDuty config"),
        ("route: {receiver: a}\nreceivers: [{name: a, email_configs: [{from: a@b, smarthost: 'h:25'}]}]", "missing to address in email config"),
        ("route: {receiver: a}\nreceivers: [{name: a, email_configs: [{to: a@b}]}]", "no global SMTP smarthost set"),
        ("route: {receiver: a}\nreceivers: [{name: a, email_configs: [{to: a@b, from: c@d, smarthost: h}]}]", "missing port in address"),
        (f"route: {{receiver: a}}\ntime_intervals: [{{name: x}}, {{name: x}}]{RECEIVERS}", 'time interval "x" is not unique'),
        (f"route: {{receiver: a}}\ntime_intervals: [{{name: x, time_intervals: [{{weekdays: [fryday]}}]}}]{RECEIVERS}", "fryday is not a valid weekday"),
    ],
)  # fmt: skip
def test_refusals(text: str, want: str) -> None:
    assert any(want in fault for fault in faults(text)), faults(text)


def test_all_faults_at_once() -> None:
    found = faults(
        "route:\n  receiver: nobody\n  routes:\n  - receiver: noone\nreceivers:\n- name: a\n  slack_configs: [{channel: x}]\n"
    )
    assert [fault.split(": ")[0] for fault in found] == ["am.yml:2", "am.yml:4", "am.yml:7"]


def test_environment_variables_are_expanded_and_secrets_are_not_shown() -> None:
    text = (
        "route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{api_url: '${HOOK}', channel: '#x'}]}]"
    )
    config = read_config(parse_document(text, env={"HOOK": "https://hooks.example/T0/secret"}))
    (_, entry) = config.receivers["a"].entries[0]
    assert entry.api_url.reveal() == "https://hooks.example/T0/secret"  # type: ignore[attr-defined]
    assert "T0" not in config.shown() and "T0" not in repr(config)
    assert yaml.safe_load(config.shown())["receivers"][0]["slack_configs"][0]["api_url"] == "<secret>"


def test_every_kind_of_receiver_is_known() -> None:
    kinds = {
        name.removesuffix("_configs") for name in ReceiverSettings.model_fields if name.endswith("_configs")
    }
    assert kinds == {
        "discord",
        "email",
        "incidentio",
        "jira",
        "mattermost",
        "msteams",
        "msteamsv2",
        "opsgenie",
        "pagerduty",
        "pushover",
        "rocketchat",
        "slack",
        "sns",
        "telegram",
        "victorops",
        "webex",
        "webhook",
        "wechat",
    }


def test_the_guide_as_given_is_seen_through() -> None:
    path = shared_path("guide/alertmanager.yml")
    document = parse_document(
        path.read_text(),
        path="alertmanager.yml",
        env={"SLACK_WEBHOOK_URL": "http://x/", "PAGERDUTY_SERVICE_KEY": "k"},
    )
    problems = check_config(document, alert_labels=frozenset({"alertname", "job", "instance", "severity"}))
    assert [p.line for p in problems if p.severity == "error"] == [18]
    told = "\n".join(map(str, problems))
    for sentence in (
        'undefined receiver "slack" used in route',
        "continue: true has no effect",
        'no alert has the label "cluster"',
        'no alert has the label "service"',
        "match is deprecated",
        "every change in a group notifies again after 10s",
        "Slack is not told when alerts resolve",
        "Slack messages have no text",
        "old Events API v1",
        "shows none of the alert's annotations",
        'receiver "email" is used by no route',
    ):
        assert sentence in told


def test_the_corrected_guide_is_without_doubt() -> None:
    path = Path(__file__).parents[2] / "guide" / "alertmanager.yml"
    document = parse_document(path.read_text(), path=str(path), env={})
    assert check_config(document) == []


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://x/{{ .Nope'}]}]", "unclosed action"),
        ("route: {receiver: a}\nreceivers: [{name: a, opsgenie_configs: [{api_key: k}]}]", "notifications to opsgenie are not supported; supported: email, pagerduty, slack, webhook"),
        ("route: {receiver: a, routes: [{match: {x: y}, continue: true}]}\nreceivers: [{name: a}]", "no route follows it here"),
    ],
)  # fmt: skip
def test_doubts(text: str, want: str) -> None:
    problems = check_config(parse_document(text, env={}))
    assert any(want in str(problem) for problem in problems), problems


def test_a_continue_that_leads_somewhere_is_no_doubt() -> None:
    text = """
route:
  receiver: a
  routes:
  - {matchers: ['s="x"'], continue: true}
  - {matchers: ['s=~"x|y"']}
receivers: [{name: a}]
"""
    assert check_config(parse_document(text, env={})) == []
