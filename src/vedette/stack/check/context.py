"""What a project's files say about each other: jobs and their exporters, recorded metrics, labels of alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vedette.config.document import Document, Location
from vedette.stack.check.catalogue import EXPORTERS
from vedette.stack.check.expressions import Context


def rules_in(document: Document) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Every rule of a rule file with its place; what is not shaped like one is passed over."""
    data = document.data if isinstance(document.data, dict) else {}
    for group_index, group in enumerate(_items(data.get("groups"))):
        for index, rule in enumerate(_items(group.get("rules") if isinstance(group, dict) else None)):
            if isinstance(rule, dict):
                yield ("groups", group_index, "rules", index), rule


def make_context(prometheus: Document | None, rule_documents: list[Document]) -> Context:
    """What expressions of the project can be judged against."""
    recorded = {str(rule["record"]) for d in rule_documents for _, rule in rules_in(d) if rule.get("record")}
    jobs = jobs_by_exporter(prometheus) if prometheus is not None else {}
    discovers = prometheus is not None and _has_discovery(prometheus)
    return Context(jobs, frozenset(recorded), jobs_known=prometheus is not None and not discovers)


def scrape_jobs(prometheus: Document) -> Iterator[tuple[int, Mapping[str, Any]]]:
    data = prometheus.data if isinstance(prometheus.data, dict) else {}
    for index, job in enumerate(_items(data.get("scrape_configs"))):
        if isinstance(job, dict):
            yield index, job


def targets_of(job: Mapping[str, Any]) -> list[str]:
    """The static targets of a job, as written."""
    return [
        str(target)
        for static in _items(job.get("static_configs"))
        if isinstance(static, dict)
        for target in _items(static.get("targets"))
    ]


def jobs_by_exporter(prometheus: Document) -> dict[str, frozenset[str]]:
    """The jobs that scrape each kind of exporter: by the port of a target, or by its host name."""
    found: dict[str, set[str]] = {}
    for _, job in scrape_jobs(prometheus):
        for target in targets_of(job):
            host, _, port = target.rpartition(":")
            for exporter in EXPORTERS:
                by_name = exporter.title.replace("_", "-").lower() in host.lower()
                if by_name or (port == str(exporter.port) and not _is_someone_else(host)):
                    found.setdefault(exporter.kind, set()).add(str(job.get("job_name", "")))
    return {kind: frozenset(jobs) for kind, jobs in found.items()}


def _is_someone_else(host: str) -> bool:
    # Port 8080 is everybody's; a host name that says otherwise counts more.
    return host.lower() in ("api", "app", "web", "backend", "frontend")


def _has_discovery(prometheus: Document) -> bool:
    return any(key.endswith("_sd_configs") for _, job in scrape_jobs(prometheus) for key in job)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
