"""label_replace and label_join: work on the distinct values of a column, not on every row."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from vedette.algebra.matrix import Matrix
from vedette.algebra.table import LabelTable
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.functions.instants import instant
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.names import merge_equal
from vedette.model.labels import METRIC_NAME, RegexError, compile_regex, is_label_name, quote

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


def expand(template: str, found: Any) -> str:
    """Go's Regexp.Expand: ``$1``, ``${name}``, ``$$``; the longest name counts, unknown groups are empty."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name[0] == "0" and len(name) > 1:
            return ""  # no number, and no group can be named so
        try:
            return str(found.group(int(name) if name.isdigit() else name) or "")
        except (IndexError, KeyError, ValueError):
            return ""

    return _REFERENCE.sub(group, template)


def _readable(text: str) -> str:
    """What an expression can be asked of: bytes that are no UTF-8 stand as U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@instant("label_replace")
def label_replace(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix, target, template, source, pattern = args
    try:
        regex = compile_regex(pattern)
    except RegexError:
        raise ExecutionError(f"invalid regular expression in label_replace(): {pattern}") from None
    if not is_label_name(target):
        raise ExecutionError(f"invalid destination label name in label_replace(): {target}")
    table: LabelTable = matrix.table
    used, inverse = np.unique(table.column(source), return_inverse=True)
    changed = np.zeros(len(used), dtype=np.bool_)
    ids = np.zeros(len(used), dtype=np.int32)
    for i, value in ctx.stop.watched(enumerate(used.tolist())):
        found = regex.match(_readable(ctx.symbols.strings[value]))
        if found is not None:
            changed[i] = True
            ids[i] = ctx.symbols.intern(expand(template, found))
    hit = changed[inverse]
    column = np.where(hit, ids[inverse], table.column(target)).astype(np.int32)
    return _with_label(matrix, target, column, hit)


def _with_label(matrix: Matrix, label: str, column: Any, changed: Any) -> Matrix:
    if label == METRIC_NAME and matrix.unnamed is not None:
        # A name that was given here stays.
        matrix = replace(matrix, unnamed=matrix.unnamed & ~changed)
    return merge_equal(matrix, matrix.table.with_column(label, column))


@instant("label_join")
def label_join(ctx: Context, node: Call, args: list[Any], steps: Steps) -> Matrix:
    matrix, target, separator, *sources = args
    for source in sources:
        if not is_label_name(source):
            raise ExecutionError(f"invalid source label name in label_join(): {source}")
    if not is_label_name(target):
        raise ExecutionError(f"invalid destination label name in label_join(): {quote(target)[1:-1]}")
    table: LabelTable = matrix.table
    parts = table.keep(sources)
    groups, firsts = parts.group()
    rows = ctx.stop.watched(firsts.tolist())
    texts = [separator.join(table.value(row, source) for source in sources) for row in rows]
    ids = ctx.symbols.intern_all(texts) if texts else np.zeros(0, dtype=np.int32)
    return _with_label(matrix, target, ids[groups], np.ones(matrix.rows, dtype=np.bool_))
