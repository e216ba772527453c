"""What alerts of a project carry, for judging what ``alertmanager.yml`` groups by."""

from __future__ import annotations

from vedette.config.document import Document
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
