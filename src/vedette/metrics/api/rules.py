"""``/api/v1/rules`` and ``/api/v1/alerts``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import success
from vedette.metrics.api.matching import choosing_matchers
from vedette.metrics.api.params import Params, bad_data, invalid
from vedette.metrics.rules.alerting import Alert
from vedette.metrics.rules.group import Group
from vedette.metrics.rules.rule import AlertingRule, Rule
from vedette.model.labels import Matcher
from vedette.model.time import format_rfc3339

NEVER = "0001-01-01T00:00:00Z"


def routes(groups: Callable[[], Sequence[Group]]) -> list[Route]:
    async def rules(request: Request) -> Response:
        params = await Params.of(request)
        wanted = RuleFilter.of(params)
        shown = [found for group in groups() if (found := wanted.show(group)) is not None]
        return success(_page(shown, params))

    async def alerts(request: Request) -> Response:
        active = [
            show_alert(alert)
            for group in groups()
            for rule in group.rules
            if isinstance(rule, AlertingRule)
            for alert in rule.active
        ]
        return success({"alerts": active})

    return [Route("/rules", rules), Route("/alerts", alerts)]


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What the parameters of ``/rules`` leave over."""

    kind: str  # alerting, recording, or empty for both
    names: frozenset[str]
    groups: frozenset[str]
    files: frozenset[str]
    matchers: Sequence[Sequence[Matcher]]  # any of these sets
    with_alerts: bool

    @classmethod
    def of(cls, params: Params) -> RuleFilter:
        """Raises `ApiError`."""
        asked = params.get("type").lower()
        kinds = {"": "", "alert": "alerting", "record": "recording"}
        if asked not in kinds:
            raise invalid("type", f'not supported value "{asked}"')
        return cls(
            kinds[asked],
            frozenset(params.all("rule_name[]")),
            frozenset(params.all("rule_group[]")),
            frozenset(params.all("file[]")),
            choosing_matchers(params.all("match[]")),
            not params.flag("exclude_alerts"),
        )

    def show(self, group: Group) -> dict[str, Any] | None:
        definition = group.definition
        if self.groups and definition.name not in self.groups:
            return None
        if self.files and definition.file not in self.files:
            return None
        rules = [self._show_rule(rule) for rule in group.rules if self._keeps(rule)]
        if not rules:
            return None
        return {
            "name": definition.name,
            "file": definition.file,
            "rules": rules,
            "interval": definition.interval / 1000,
            "limit": definition.limit,
            "evaluationTime": group.last.seconds,
            "lastEvaluation": show_time(group.last.at),
        }

    def _keeps(self, rule: Rule) -> bool:
        if self.kind and rule.kind != self.kind:
            return False
        if self.names and rule.name not in self.names:
            return False
        return not self.matchers or any(
            all(matcher.matches_labels(rule.labels) for matcher in matchers) for matchers in self.matchers
        )

    def _show_rule(self, rule: Rule) -> dict[str, Any]:
        shown: dict[str, Any] = {"name": rule.name, "query": rule.printed}
        if isinstance(rule, AlertingRule):
            shown = {"state": rule.state, **shown}
            shown["duration"] = rule.hold / 1000
            shown["keepFiringFor"] = rule.keep_firing / 1000
            shown["labels"] = rule.labels.to_dict()
            shown["annotations"] = rule.annotations.to_dict()
            shown["alerts"] = [show_alert(alert) for alert in rule.active] if self.with_alerts else []
        elif rule.labels:
            shown["labels"] = rule.labels.to_dict()
        shown["health"] = rule.last.health
        if rule.last.error:
            shown["lastError"] = rule.last.error
        shown["evaluationTime"] = rule.last.seconds
        shown["lastEvaluation"] = show_time(rule.last.at)
        shown["type"] = rule.kind
        return shown


def _page(groups: list[dict[str, Any]], params: Params) -> dict[str, Any]:
    """The groups of one page; `group_next_token` continues after the group that it names."""
    token, limit = params.get("group_next_token"), params.limit("group_limit")
    if token and not limit:
        raise invalid("group_limit", "group_limit needs to be present in order to paginate over the groups")
    if not limit:
        return {"groups": groups}
    start = 0
    if token:
        known = [_token(group) for group in groups]
        if token not in known:
            raise bad_data(f"invalid group_next_token '{token}'. were rule groups changed?")
        start = known.index(token)
    page: dict[str, Any] = {"groups": groups[start : start + limit]}
    if start + limit < len(groups):
        page["groupNextToken"] = _token(groups[start + limit])
    return page


def _token(group: dict[str, Any]) -> str:
    return hashlib.sha1(f"{group['file']};{group['name']}".encode(), usedforsecurity=False).hexdigest()


def show_alert(alert: Alert) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "labels": alert.labels.to_dict(),
        "annotations": alert.annotations.to_dict(),
        "state": alert.state,
        "activeAt": show_time(alert.active_at),
    }
    if alert.keep_firing_since is not None:
        shown["keepFiringSince"] = show_time(alert.keep_firing_since)
    shown["value"] = exponent_text(alert.value)
    return shown


def show_time(milliseconds: int | None) -> str:
    return NEVER if milliseconds is None else format_rfc3339(milliseconds * 10**6)


def exponent_text(value: float) -> str:
    """A value as alerts show it: ``1e+00``, ``2.5e-01``, ``+Inf``."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    # The shortest digits that read back as the same value, in exponent form.
    for precision in range(17):
        text = f"{value:.{precision}e}"
        if float(text) == value:
            return text
    return f"{value:.16e}"
