"""Every fault of a rule file, at its line: what the original refuses, and what it would only notice when it matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vedette.config.document import Document, Location
from vedette.config.model import validate
from vedette.config.problems import ConfigError, Problem
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.nodes import ValueType
from vedette.metrics.promql.syntax.parser import parse
from vedette.metrics.promql.syntax.types import type_of
from vedette.metrics.rules.model import Rule, RuleFile, RuleGroup
from vedette.metrics.rules.templating import template_fault
from vedette.model.labels import METRIC_NAME, is_label_name

_RECORDABLE = (ValueType.VECTOR, ValueType.SCALAR)


def check_rules(document: Document, *, features: frozenset[str] = frozenset()) -> list[Problem]:
    """All problems of a rule file, errors and warnings, in the order of lines."""
    try:
        file = validate(document, RuleFile)
    except ConfigError as error:
        found = [*error.problems, *_expressions(document, features)]
    else:
        found = list(check_groups(document, file, features=features))
    return sorted(found, key=lambda p: (p.line, p.column))


def _expressions(document: Document, features: frozenset[str]) -> Iterator[Problem]:
    """Faults of the expressions of a file whose shape is wrong somewhere: what is no rule at all is passed over."""
    groups = document.data.get("groups") if isinstance(document.data, dict) else None
    for number, group in enumerate(groups if isinstance(groups, list) else ()):
        rules = group.get("rules") if isinstance(group, dict) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            text = rule.get("expr") if isinstance(rule, dict) else None
            if isinstance(text, str) and text:
                yield from _expression(document, ("groups", number, "rules", index, "expr"), text, features)


def check_groups(
    document: Document, file: RuleFile, *, features: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    seen: set[str] = set()
    same: dict[tuple[str, tuple[tuple[str, str], ...]], Location] = {}
    for number, group in enumerate(file.groups):
        at: Location = ("groups", number)
        if not group.name:
            yield document.problem((*at, "name"), "Groupname must not be empty", "name the group")
        elif group.name in seen:
            yield document.problem(
                (*at, "name"),
                f'groupname: "{group.name}" is repeated in the same file',
                "give each group of a file its own name",
            )
        seen.add(group.name)
        yield from _labels(document, (*at, "labels"), group.labels)
        for index, rule in enumerate(group.rules):
            where: Location = (*at, "rules", index)
            yield from _rule(document, where, rule, features)
            key = (rule.name, tuple(sorted({**group.labels, **rule.labels}.items())))
            if rule.name and key in same:
                first, _ = document.position(same[key])
                yield document.problem(
                    (*where, "record" if rule.record else "alert"),
                    f"same name and labels as the rule in line {first}",
                    "both write the same series; change a label, or remove one",
                    severity="warning",
                )
            same.setdefault(key, where)


def _rule(document: Document, where: Location, rule: Rule, features: frozenset[str]) -> Iterator[Problem]:
    if rule.record and rule.alert:
        yield document.problem(where, "only one of 'record' and 'alert' must be set", "split the rule in two")
    if not rule.record and not rule.alert:
        yield document.problem(
            where, "one of 'record' or 'alert' must be set", "name what the rule records, or the alert"
        )
    if not rule.expr:
        yield document.problem((*where, "expr"), "field 'expr' must be set in rule", "write the expression")
    else:
        yield from _expression(document, (*where, "expr"), rule.expr, features)
    if rule.record:
        yield from _only_for_alerts(document, where, rule)
        if "{" in rule.record or "}" in rule.record:
            yield document.problem(
                (*where, "record"),
                f"braces present in the recording rule name: {rule.record}",
                "write a metric name here, and the expression in expr",
            )
        elif not is_label_name(rule.record):
            yield document.problem((*where, "record"), f"invalid recording rule name: {rule.record!r}")
    yield from _labels(document, (*where, "labels"), rule.labels)
    for name in rule.annotations:
        if not is_label_name(name):
            yield document.problem((*where, "annotations", name), f"invalid annotation name: {name}")
    if rule.alert:
        for key, texts in (("labels", rule.labels), ("annotations", rule.annotations)):
            for name, text in texts.items():
                fault = template_fault(text, rule.alert)
                if fault:
                    yield document.problem((*where, key, name), f"{fault}")


def _only_for_alerts(document: Document, where: Location, rule: Rule) -> Iterator[Problem]:
    for key, given in (
        ("annotations", bool(rule.annotations)),
        ("for", rule.for_ != 0),
        ("keep_firing_for", rule.keep_firing_for != 0),
    ):
        if given:
            yield document.problem(
                (*where, key), f"invalid field '{key}' in recording rule", "remove it, or make it an alert"
            )


def _expression(
    document: Document, where: Location, text: str, features: frozenset[str]
) -> Iterator[Problem]:
    try:
        expr = parse(text, features)
    except ParseError as error:
        yield _at_fault(document, where, error)
        return
    kind = type_of(expr)
    if kind not in _RECORDABLE:
        yield document.problem(
            where,
            f"the expression gives a {kind.value}, and a rule needs an instant vector or a scalar",
            "apply a function such as rate() to the range" if kind is ValueType.MATRIX else "",
            severity="warning",
        )


def _at_fault(document: Document, where: Location, error: ParseError) -> Problem:
    """The fault at its line of the file: an expression may have many of its own."""
    line, column = document.value_position(where)
    source = document.text.splitlines()
    block = line <= len(source) and source[line - 1][column - 1 :].lstrip()[:1] in ("|", ">")
    within = error.query.rfind("\n", 0, error.position) + 1
    if block:
        line += error.line
        column = error.position - within + 1 + _indent(source, line)
    elif error.line == 1:
        quoted = source[line - 1][column - 1 : column] in ("'", '"') if line <= len(source) else False
        column += error.position + quoted
    else:
        line += error.line - 1
    found = document.problem(where, f"could not parse expression: {error}")
    return Problem(found.file, line, column, found.where, found.message)


def _indent(source: list[str], line: int) -> int:
    text = source[line - 1] if line <= len(source) else ""
    return len(text) - len(text.lstrip())


def _labels(document: Document, where: Location, labels: Mapping[str, str]) -> Iterator[Problem]:
    for name, value in labels.items():
        if not is_label_name(name) or name == METRIC_NAME:
            yield document.problem((*where, name), f"invalid label name: {name}", "give it another name")
        if "\udc80" <= max(value, default="") <= "\udfff":
            yield document.problem((*where, name), f"invalid label value: {value!r}")


def group_rules(group: RuleGroup) -> Iterator[tuple[Rule, dict[str, str]]]:
    """The rules of a group with the labels that both give; a rule's own win."""
    for rule in group.rules:
        yield rule, {**group.labels, **rule.labels}
