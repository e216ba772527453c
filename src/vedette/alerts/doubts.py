"""What a file says that it cannot mean: accepted by the original, found out in the incident."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from vedette.alerts.config import AlertsConfig, walk
from vedette.alerts.notify.kinds import SENDABLE, unsupported
from vedette.alerts.notify.templates import load_templates
from vedette.alerts.settings.receivers.pagerduty import PagerdutySettings
from vedette.alerts.settings.receivers.slack import SlackSettings
from vedette.alerts.settings.route import RouteSettings, simple_matchers
from vedette.config.document import Location
from vedette.config.problems import ConfigError, Problem
from vedette.model.labels import Matcher
from vedette.model.time import MINUTE, SECOND, format_duration
from vedette.template import TemplateError, TemplateSet

_MIN_GROUP_INTERVAL = 30 * SECOND


def doubts(config: AlertsConfig, alert_labels: frozenset[str] | None) -> Iterator[Problem]:
    """Problems of a configuration that can be loaded."""
    yield from _receivers_never_used(config)
    yield from _kinds_that_cannot_send(config)
    yield from _templates(config)
    yield from _timing(config)
    for loc, route in walk(config.route):
        yield from _deprecated_match(config, loc, route)
        yield from _idle_continue(config, loc, route)
        if alert_labels is not None:
            yield from _absent_labels(config, loc, route, alert_labels)
    for receiver in config.receivers.values():
        for place, entry in receiver.entries:
            if isinstance(entry, SlackSettings):
                yield from _slack(config, place, entry)
            if isinstance(entry, PagerdutySettings):
                yield from _pagerduty(config, place, entry)


def _receivers_never_used(config: AlertsConfig) -> Iterator[Problem]:
    used = config.used_receivers()
    for at, receiver in enumerate(config.settings.receivers):
        if receiver.name not in used:
            yield config.document.problem(
                ("receivers", at, "name"),
                f'receiver "{receiver.name}" is used by no route',
                "route to it, or remove it",
                "warning",
            )


def _kinds_that_cannot_send(config: AlertsConfig) -> Iterator[Problem]:
    yield from unsupported(config)


def _deprecated_match(config: AlertsConfig, loc: Location, route: RouteSettings) -> Iterator[Problem]:
    for key, equal, regex in (("match", route.match, {}), ("match_re", {}, route.match_re)):
        made = simple_matchers(equal, regex)
        if made:
            written = ", ".join(f"'{matcher}'" for matcher in made)
            yield config.document.problem(
                (*loc, key), f"{key} is deprecated", f"write matchers: [{written}]", "warning"
            )


def _idle_continue(config: AlertsConfig, loc: Location, route: RouteSettings) -> Iterator[Problem]:
    for at, child in enumerate(route.routes):
        if not child.continue_:
            continue
        later = route.routes[at + 1 :]
        if all(_disjoint(child.all_matchers(), other.all_matchers()) for other in later):
            reason = "no later route here can match the same alert" if later else "no route follows it here"
            yield config.document.problem(
                (*loc, "routes", at, "continue"),
                f"continue: true has no effect: {reason}",
                "widen the matchers of a later route, or remove it",
                "warning",
            )


def _disjoint(first: list[Matcher], second: list[Matcher]) -> bool:
    """Whether no alert can match both, as far as plain values tell."""
    for one in first:
        for other in second:
            if one.name != other.name:
                continue
            mine, theirs = one.literals, other.literals
            if mine is not None and not any(other.matches(value) for value in mine):
                return True
            if theirs is not None and not any(one.matches(value) for value in theirs):
                return True
    return False


def _absent_labels(
    config: AlertsConfig, loc: Location, route: RouteSettings, alert_labels: frozenset[str]
) -> Iterator[Problem]:
    for at, name in enumerate(route.group_by or ()):
        if name != "..." and name not in alert_labels:
            yield config.document.problem(
                (*loc, "group_by", at),
                f'no alert has the label "{name}"',
                f"labels that alerts have: {', '.join(sorted(alert_labels))}",
                "warning",
            )
    for matcher in route.all_matchers():
        if matcher.name not in alert_labels and not matcher.matches(""):
            yield config.document.problem(
                loc, f'no alert has the label "{matcher.name}", so this route matches none', "", "warning"
            )


def _timing(config: AlertsConfig) -> Iterator[Problem]:
    for loc, route in walk(config.route):
        if route.group_interval is not None and route.group_interval < _MIN_GROUP_INTERVAL:
            yield config.document.problem(
                (*loc, "group_interval"),
                f"every change in a group notifies again after {format_duration(route.group_interval)}",
                f"{format_duration(5 * MINUTE)} is usual",
                "warning",
            )
        if (
            route.repeat_interval is not None
            and route.group_interval is not None
            and route.repeat_interval < route.group_interval
        ):
            yield config.document.problem(
                (*loc, "repeat_interval"),
                "repeat_interval is less than group_interval; notifications repeat at the next group_interval",
                "",
                "warning",
            )


def _slack(config: AlertsConfig, place: Location, entry: SlackSettings) -> Iterator[Problem]:
    if "send_resolved" not in entry.model_fields_set:
        yield config.document.problem(
            place, "Slack is not told when alerts resolve", "add send_resolved: true", "warning"
        )
    if "text" not in entry.model_fields_set:
        yield config.document.problem(
            place,
            "Slack messages have no text: summary and description are not shown",
            """add text: '{{ range .Alerts }}{{ .Annotations.description }}{{ "\\n" }}{{ end }}'""",
            "warning",
        )


def _pagerduty(config: AlertsConfig, place: Location, entry: PagerdutySettings) -> Iterator[Problem]:
    if entry.service_key or entry.service_key_file:
        yield config.document.problem(
            (*place, "service_key"),
            "service_key is for PagerDuty's old Events API v1, which ignores url and severity",
            "write routing_key with an Events API v2 key",
            "warning",
        )
    told = entry.description
    if "description" in entry.model_fields_set and "Annotations" not in told and "template" not in told:
        yield config.document.problem(
            (*place, "description"),
            "the incident's title shows none of the alert's annotations",
            "add {{ (index .Alerts 0).Annotations.summary }}",
            "warning",
        )


def _templates(config: AlertsConfig) -> Iterator[Problem]:
    """Template files, then every template that a receiver holds."""
    try:
        templates = load_templates(config, now=lambda: 0)
    except ConfigError as error:
        yield from error.problems
        return
    for receiver in config.receivers.values():
        for place, entry in receiver.entries:
            yield from _texts(config, templates, place, entry)


def _texts(config: AlertsConfig, templates: TemplateSet, place: Location, value: object) -> Iterator[Problem]:
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            key = type(value).model_fields[name].alias or name if name in type(value).model_fields else name
            yield from _texts(config, templates, (*place, key), getattr(value, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(config, templates, (*place, str(key)), item)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(config, templates, (*place, at), item)
    elif isinstance(value, str) and "{{" in value:
        try:
            templates.compile(value)
        except TemplateError as error:
            yield config.document.problem(place, str(error).removeprefix("template: :"))


__all__ = ["SENDABLE", "doubts"]
