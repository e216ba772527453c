"""All checks of a project, in the order in which a reader goes through its files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from vedette.alerts.config import check_config as check_alertmanager
from vedette.config.document import Document
from vedette.config.problems import ConfigError, Problem
from vedette.stack.check.context import make_context, scrape_jobs, targets_of
from vedette.stack.check.dashboards import check_dashboard
from vedette.stack.check.files import check_files, read_or_problems, rule_files
from vedette.stack.check.queries import check_queries
from vedette.stack.check.routing import alert_labels
from vedette.stack.check.rules import check_meaning
from vedette.stack.project import ALERTMANAGER, DASHBOARDS, PROMETHEUS, open_project


def check_project(root: Path | None, env: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of the project at `root` (None: the shipped guide), errors and warnings, by file and line."""
    env = os.environ if env is None else env
    problems: list[Problem] = []
    try:
        project = open_project(root, env=env)
        place = project.root
    except ConfigError as error:
        problems += error.problems
        if root is None or not root.is_dir():
            return problems
        place = root
    problems += check_files(place, env)
    problems += check_together(place, env)
    return _in_order(_relative(problems, place))


def check_together(root: Path, env: Mapping[str, str]) -> Iterator[Problem]:
    """What only shows when the files are read side by side."""
    prometheus = _document(root / PROMETHEUS, env)
    rules = [d for d in (_document(path, env) for path in rule_files(root, prometheus)) if d is not None]
    context = make_context(prometheus, rules)
    for document in rules:
        yield from check_meaning(document, context)
    if prometheus is not None:
        yield from _unwatched(prometheus)
    alertmanager = _document(root / ALERTMANAGER, env)
    labels = alert_labels(rules, context, prometheus)
    if alertmanager is not None and rules and labels is not None:
        yield from check_alertmanager(alertmanager, alert_labels=labels)
    for path in sorted((root / DASHBOARDS).glob("**/*.json")):
        yield from check_dashboard(path, context)
    for path in sorted(root.glob("*.logql")):
        yield from check_queries(path)


def _document(path: Path, env: Mapping[str, str]) -> Document | None:
    return read_or_problems(path, env)[0] if path.exists() else None


# The parts of a stack that should be watched too, by the port they are known by.
_MONITORING = {"9093": "Alertmanager", "3100": "Loki", "9080": "Promtail", "3000": "Grafana"}


def _unwatched(prometheus: Document) -> Iterator[Problem]:
    ports = {target.rpartition(":")[2] for _, job in scrape_jobs(prometheus) for target in targets_of(job)}
    missing = [name for port, name in _MONITORING.items() if port not in ports]
    if len(missing) == len(_MONITORING):
        yield prometheus.problem(
            ("scrape_configs",),
            f"the monitoring itself is not watched: no job scrapes {', '.join(missing)}",
            "add a job for each",
            "warning",
        )


def _relative(problems: list[Problem], root: Path) -> list[Problem]:
    """File names as a reader in the project directory would write them."""
    made = []
    for p in problems:
        path = Path(p.file)
        shown = str(path.relative_to(root)) if path.is_absolute() and path.is_relative_to(root) else p.file
        made.append(Problem(shown, p.line, p.column, p.where, p.message, p.hint, p.severity))
    return made


def _in_order(problems: list[Problem]) -> list[Problem]:
    files = list(dict.fromkeys(p.file for p in problems))
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (files.index(p.file), p.line, p.column))
