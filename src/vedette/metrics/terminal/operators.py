"""A plan as a tree, and what each of its operators did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vedette.metrics.terminal import numbers
from vedette.metrics.terminal.columns import Column, columns_of
from vedette.metrics.terminal.screen import Screen
from vedette.metrics.terminal.spark import bar
from vedette.metrics.terminal.text import shown

# What stands before a child, before the last one, and before what is beneath them.
_LINES = ("├─ ", "└─ ", "│  ", "   ")
_ASCII_LINES = ("|- ", "`- ", "|  ", "   ")
BAR = 8


def explain_lines(explained: dict[str, Any], screen: Screen) -> Iterator[str]:
    """The answer to ``explain=1``: an operator a line, what the planner decided beneath it."""
    steps = explained["steps"]
    yield screen.paint(shown(explained["query"]), "bold")
    if explained["step"]:
        what = numbers.span(explained["start"] * 1000, explained["end"] * 1000)
        yield screen.paint(f"{numbers.count(steps)} steps from {what}", "dim")
    else:
        yield screen.paint(f"at {numbers.instant(explained['start'] * 1000)}", "dim")
    yield ""
    for head, rest, node in _walk(explained["plan"], screen.unicode):
        found = node.get("estimatedSeries")
        about = "" if found is None else screen.paint(f"  about {numbers.count(found)} series", "yellow")
        yield f"{screen.paint(head, 'dim')}{screen.paint(shown(node['text']), 'cyan')}{about}"
        for note in node["notes"]:
            yield screen.paint(f"{rest}{shown(note)}", "dim")


def analyze_lines(trace: dict[str, Any], series: int, screen: Screen) -> Iterator[str]:
    """`data.trace`: the tree with times, series and samples, and the totals. `series` are those of the answer."""
    rows = list(_walk(trace["plan"], screen.unicode))
    whole = max(trace["plan"]["totalSeconds"], 1e-9)
    nodes = [node for _, _, node in rows]
    columns = [
        Column("OPERATOR", [head + _name(node) for head, _, node in rows], "cyan"),
        Column(
            "", [bar(n["ownSeconds"] / whole, BAR, unicode=screen.unicode) for n in nodes], "yellow", raw=True
        ),
        Column("OWN", [_time(n, n["ownSeconds"]) for n in nodes], "bold", numeric=True),
        Column("TOTAL", [_time(n, n["totalSeconds"]) for n in nodes], numeric=True),
        Column("SERIES", [_series(n, screen) for n in nodes], numeric=True),
        Column("SAMPLES", [_count(n["samplesRead"]) for n in nodes], numeric=True),
        Column("BATCHES", [_count(n["batches"]) for n in nodes], numeric=True),
        Column("HELD", [_count(n["peakSamples"]) for n in nodes], numeric=True),
    ]
    used = [column for column in columns if column.title == "OPERATOR" or any(map(str.strip, column.cells))]
    yield from columns_of(used, screen)
    yield ""
    rest = trace["evalSeconds"] - trace["plan"]["totalSeconds"]
    yield (
        f"parse {numbers.seconds(trace['parseSeconds'])}, plan {numbers.seconds(trace['planSeconds'])}, "
        f"run {numbers.seconds(trace['evalSeconds'])}"
        f"{f' ({numbers.seconds(rest)} before and after the operators)' if rest > whole / 20 else ''}"
    )
    yield (
        f"{numbers.count(series)} series in the answer, {numbers.count(trace['seriesRead'])} series and "
        f"{numbers.count(trace['samplesRead'])} samples read, {numbers.count(trace['peakSamples'])} held at most"
    )


def _walk(
    node: dict[str, Any], unicode: bool, above: str = "", head: str = "", below: str = ""
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each node with what stands before it, and before the lines beneath it."""
    branch, last, through, none = _LINES if unicode else _ASCII_LINES
    children = node["children"]
    inner = above + below
    yield above + head, inner + (through if children else none), node
    for i, child in enumerate(children):
        final = i == len(children) - 1
        yield from _walk(child, unicode, inner, last if final else branch, none if final else through)


def _name(node: dict[str, Any]) -> str:
    text = shown(node["text"])
    return f"{text} (reused)" if node["reused"] else text


def _time(node: dict[str, Any], seconds: float) -> str:
    return numbers.seconds(seconds) if node["calls"] else ""


def _series(node: dict[str, Any], screen: Screen) -> str:
    """Series in and out; one number where they are the same."""
    if not node["calls"]:
        return ""
    if node["seriesIn"] == node["seriesOut"] or not node["seriesIn"]:
        return numbers.count(node["seriesOut"])
    arrow = "→" if screen.unicode else ">"
    return f"{numbers.count(node['seriesIn'])} {arrow} {numbers.count(node['seriesOut'])}"


def _count(number: int) -> str:
    return numbers.count(number) if number else ""
