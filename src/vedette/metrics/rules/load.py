"""From the names of rule files to what runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vedette.config.document import Document, read_document
from vedette.config.model import validate
from vedette.config.problems import ConfigError, Problem, errors_of
from vedette.metrics.promql.syntax.parser import parse
from vedette.metrics.rules.check import check_rules, group_rules
from vedette.metrics.rules.group import GroupDefinition, RuleDefinition
from vedette.metrics.rules.model import Rule, RuleFile


def load_rule_files(
    paths: Sequence[Path], *, interval: int, query_offset: int = 0, features: frozenset[str] = frozenset()
) -> list[GroupDefinition]:
    """The groups of all files. Raises `ConfigError` with every fault of every file. Durations in milliseconds."""
    groups: list[GroupDefinition] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            document = read_document(path)
        except ConfigError as error:
            problems += error.problems
            continue
        errors = errors_of(check_rules(document, features=features))
        if errors:
            problems += errors
        else:
            groups += define_groups(document, interval=interval, query_offset=query_offset, features=features)
    if problems:
        raise ConfigError(problems)
    return groups


def define_groups(
    document: Document, *, interval: int, query_offset: int = 0, features: frozenset[str] = frozenset()
) -> list[GroupDefinition]:
    """The groups of a file that `check_rules` found nothing in."""
    file = validate(document, RuleFile)
    return [
        GroupDefinition(
            file=document.path,
            name=group.name,
            interval=group.interval or interval,
            query_offset=query_offset if group.query_offset is None else group.query_offset,
            limit=group.limit,
            rules=tuple(_define(rule, labels, features) for rule, labels in group_rules(group)),
        )
        for group in file.groups
    ]


def _define(rule: Rule, labels: dict[str, str], features: frozenset[str]) -> RuleDefinition:
    return RuleDefinition(
        alert=bool(rule.alert),
        name=rule.name,
        expr=rule.expr,
        labels=tuple(sorted(labels.items())),
        annotations=tuple(sorted(rule.annotations.items())),
        hold=rule.for_,
        keep_firing=rule.keep_firing_for,
        printed=str(parse(rule.expr, features)),
    )
