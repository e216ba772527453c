"""label_replace and label_join: they see labels, not samples."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import re2

from vedette.metrics.promql.syntax.nodes import Call

from .values import DUPLICATE, NAME, Refused, Row, has_duplicates, merge_rows

if TYPE_CHECKING:
    from .evaluate import Evaluation


def label_replace(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    target, replacement, source, pattern = (ev.text(a) for a in call.args[1:5])
    try:
        regex = re2.compile(f"^(?:{pattern})$" if ev.old else f"^(?s:{pattern})$")
    except re2.error as error:
        raise Refused(f"invalid regular expression: {error}") from None
    _check(target, ev.old)
    rows = ev.rows(call.args[0], times)
    for row in rows:
        found = regex.match(row.labels.get(source, ""))
        if found is None:
            continue
        _put(row, target, _expand(replacement, found))
    return _merged(ev, rows)


def label_join(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    target, separator, *sources = (ev.text(a) for a in call.args[1:])
    _check(target, ev.old)
    rows = ev.rows(call.args[0], times)
    for row in rows:
        _put(row, target, separator.join(row.labels.get(s, "") for s in sources))
    return _merged(ev, rows)


def _check(name: str, old: bool) -> None:
    if not name or (old and not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name)):
        raise Refused("invalid label name")


def _put(row: Row, name: str, value: str) -> None:
    row.labels = {n: v for n, v in {**row.labels, name: value}.items() if v}
    if name == NAME:
        row.drop = False


def _merged(ev: Evaluation, rows: list[Row]) -> list[Row]:
    if ev.old and has_duplicates([r.labels for r in rows]):
        times = [set(r.points) for r in rows]
        if len(set().union(*times)) == 1:
            raise Refused(DUPLICATE)
    return merge_rows(rows)


def _expand(template: str, found: re2._Match) -> str:
    """Go's Expand: ``$name`` takes as many letters, digits and underscores as there are."""

    def group(m: re.Match[str]) -> str:
        if m[0] == "$$":
            return "$"
        name = m[1] or m[2]
        if name.isdigit():
            return (found.group(int(name)) or "") if int(name) <= found.re.groups else ""
        return (found.group(name) or "") if name in found.re.groupindex else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, template, flags=re.ASCII)


FUNCTIONS: dict[str, Callable[[Evaluation, Call, list[int]], list[Row]]] = {
    "label_replace": label_replace,
    "label_join": label_join,
}
