"""Rules that load and still don't say what their author means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vedette.config.document import Document, Location
from vedette.config.problems import Problem
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.nodes import Binary, Call, Expr
from vedette.metrics.promql.syntax.parser import parse
from vedette.stack.check.context import rules_in
from vedette.stack.check.expressions import Context, Finding, findings
from vedette.stack.check.shape import COMPARISONS, walk

_BARE_VALUE = re.compile(r"\{\{-?\s*(?:\$value|\.Value)\s*-?\}\}")


def check_meaning(document: Document, context: Context) -> Iterator[Problem]:
    """Warnings about the expressions and annotations of a rule file."""
    for loc, rule in rules_in(document):
        expr = rule.get("expr")
        if not isinstance(expr, str):
            continue
        try:
            tree = parse(expr)
        except ParseError:
            continue  # the rule file's own check has named it
        for finding in findings(tree, context):
            yield _problem(document, (*loc, "expr"), rule, finding)
        if rule.get("alert"):
            yield from _annotations(document, loc, rule, tree)


def _annotations(document: Document, loc: Location, rule: Mapping[str, Any], tree: Expr) -> Iterator[Problem]:
    annotations = rule.get("annotations")
    for name, text in (annotations if isinstance(annotations, dict) else {}).items():
        here = (*loc, "annotations", name)
        if isinstance(text, str) and _BARE_VALUE.search(text):
            hint = 'write {{ $value | printf "%.2f" }}, humanize or humanizeDuration'
            yield _problem(document, here, rule, Finding("$value is printed with up to 17 digits", hint))
        if isinstance(text, str) and "humanizePercentage" in text and _is_cores(tree):
            hint = 'write {{ $value | printf "%.2f" }} cores'
            yield _problem(
                document,
                here,
                rule,
                Finding("the value is in cores, not a share: 2 busy cores print 200%", hint),
            )


def _is_cores(tree: Expr) -> bool:
    for node in walk(tree):
        if isinstance(node, Binary) and node.op not in COMPARISONS:
            return False
        if isinstance(node, Call) and node.function == "rate" and "_cpu_" in str(node):
            return True
    return False


def _problem(document: Document, loc: Location, rule: Mapping[str, Any], finding: Finding) -> Problem:
    return document.problem(
        loc, f"{rule.get('alert') or rule.get('record')}: {finding.message}", finding.hint, "warning"
    )
