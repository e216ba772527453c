"""``alertmanager.yml`` against the rules: what it groups by and matches on, and what alerts really carry."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from vedette.config.document import Document, Location
from vedette.config.problems import Problem
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.parser import parse
from vedette.stack.check.context import rules_in, scrape_jobs
from vedette.stack.check.expressions import Context
from vedette.stack.check.shape import shape_of


def alert_labels(
    rule_documents: list[Document], context: Context, prometheus: Document | None
) -> frozenset[str] | None:
    """Every label that an alert of the project can have; None when that can't be known."""
    labels = {"alertname"}
    for document in rule_documents:
        for _, rule in rules_in(document):
            if not rule.get("alert") or not isinstance(rule.get("expr"), str):
                continue
            own = rule.get("labels")
            labels.update(own if isinstance(own, dict) else ())
            try:
                names = shape_of(parse(rule["expr"]), context.jobs).names
            except ParseError:
                return None
            # Of unknown metrics one thing is known: every target has these two.
            labels.update(names if names is not None else ("job", "instance"))
    return frozenset(labels | external_labels(prometheus) | _target_labels(prometheus))


def external_labels(prometheus: Document | None) -> set[str]:
    data = prometheus.data if prometheus is not None and isinstance(prometheus.data, dict) else {}
    section = data.get("global")
    found = section.get("external_labels") if isinstance(section, dict) else None
    return set(found) if isinstance(found, dict) else set()


def _target_labels(prometheus: Document | None) -> set[str]:
    found: set[str] = set()
    for _, job in scrape_jobs(prometheus) if prometheus is not None else ():
        for static in job.get("static_configs") or ():
            labels = static.get("labels") if isinstance(static, dict) else None
            found.update(labels if isinstance(labels, dict) else ())
    return found


def check_grouping(alertmanager: Document, labels: frozenset[str]) -> Iterator[Problem]:
    """Labels that a route groups by and no alert has."""
    data = alertmanager.data if isinstance(alertmanager.data, dict) else {}
    for loc, route in _routes(data.get("route"), ("route",)):
        group_by = route.get("group_by")
        for index, name in enumerate(group_by if isinstance(group_by, list) else []):
            if isinstance(name, str) and name != "..." and name not in labels:
                near = difflib.get_close_matches(name, labels, n=1, cutoff=0.75)
                hint = f'did you mean "{near[0]}"?' if near else "group by alertname, job and instance"
                yield alertmanager.problem(
                    (*loc, "group_by", index),
                    f'no alert of this project has the label "{name}"',
                    hint,
                    "warning",
                )


def _routes(route: Any, loc: Location) -> Iterator[tuple[Location, dict[str, Any]]]:
    if not isinstance(route, dict):
        return
    yield loc, route
    below = route.get("routes")
    for index, child in enumerate(below if isinstance(below, list) else []):
        yield from _routes(child, (*loc, "routes", index))
