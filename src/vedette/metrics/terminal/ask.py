"""The subcommands of `vedette query`: ask, and hand the answer to what prints it.

Each function answers `Shown`: the lines for standard output, and what belongs on standard error.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import orjson

from vedette.metrics.terminal import csv_text, promql_text, tables
from vedette.metrics.terminal.buckets import bucket_use, use_table
from vedette.metrics.terminal.door import DEFAULT_SERVER, Answer, Door
from vedette.metrics.terminal.failures import AskFailed, QueryRefused, WrongArgument
from vedette.metrics.terminal.labels import label_set
from vedette.metrics.terminal.operators import analyze_lines, explain_lines
from vedette.metrics.terminal.planned_here import plan_here
from vedette.metrics.terminal.result import Result, Series, read_result
from vedette.metrics.terminal.screen import Screen, patient_pipes
from vedette.metrics.terminal.text import shown
from vedette.metrics.terminal.times import Span, api_time, query_span, series_span, when

T = TypeVar("T")


class Output(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PROMQL = "promql"


@dataclass(frozen=True, slots=True)
class Asked:
    """What every subcommand is told. `output` None: a table for a terminal, promtool's text for a pipe."""

    server: str = DEFAULT_SERVER
    output: Output | None = None
    http_config: Path | None = None
    headers: Mapping[str, str] | None = None

    def door(self) -> Door:
        return Door(self.server, http_config=self.http_config, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Shown:
    lines: Iterable[str]
    answer: Answer | None = None  # whose warnings and infos are told
    note: str = ""


def instant(asked: Asked, screen: Screen, expr: str, at: str) -> Shown:
    now = _now()
    moment = when(at, now, "evaluation")
    answer = _run(asked, lambda door: door.query(expr, api_time(moment)))
    result = read_result(answer.data)
    return Shown(_query_lines(asked, screen, result, lambda: tables.instant_table(result, screen)), answer)


def range_(asked: Asked, screen: Screen, expr: str, start: str, end: str, step: str) -> Shown:
    span = query_span(start, end, step, _now())
    answer = _run(asked, lambda door: _ranged(door, expr, span))
    result = read_result(answer.data)
    return Shown(
        _query_lines(asked, screen, result, lambda: tables.range_table(result, span, screen)), answer
    )


def series(asked: Asked, screen: Screen, matchers: Sequence[str], start: str, end: str) -> Shown:
    span = series_span(start, end, _now())
    answer = _run(asked, lambda door: door.series(matchers, api_time(span.start), api_time(span.end)))
    found: list[dict[str, str]] = answer.data
    match _output(asked, screen):
        case Output.JSON:
            return Shown(_json(found), answer)
        case Output.CSV:
            return Shown(_plain(csv_text.series_lines(found), screen), answer)
        case Output.TABLE:
            return Shown(tables.series_table(found, screen), answer)
    return Shown(map(label_set, found), answer)


def labels(asked: Asked, screen: Screen, name: str, matchers: Sequence[str], start: str, end: str) -> Shown:
    """The values of a label; without a name the names that there are."""
    span = series_span(start, end, _now())
    bounds = (api_time(span.start), api_time(span.end))

    async def ask(door: Door) -> Answer:
        if name:
            return await door.label_values(name, matchers, *bounds)
        return await door.label_names(matchers, *bounds)

    answer = _run(asked, ask)
    match _output(asked, screen):
        case Output.JSON:
            return Shown(_json(answer.data), answer)
        case Output.CSV:
            return Shown(_plain(csv_text.value_lines(name or "label", answer.data), screen), answer)
    return Shown(_plain(answer.data, screen), answer)


def explain(asked: Asked, screen: Screen, expr: str, at: str, start: str, end: str, step: str) -> Shown:
    """The server's plan, which knows its series; planned here where no server explains."""
    span, note = _moment_or_span(at, start, end, step), ""
    try:
        found = _run(asked, lambda door: _asked_for(door, expr, span, "explain")).data
        if "plan" not in found:
            raise AskFailed(f"{asked.server} does not explain queries: it is no Vedette")
    except QueryRefused:
        raise
    except AskFailed as failure:
        found = plan_here(expr, span)
        note = f"planned here, without numbers of series: {failure}"
    lines = _json(found) if asked.output is Output.JSON else explain_lines(found, screen)
    return Shown(lines, note=note)


def analyze(asked: Asked, screen: Screen, expr: str, at: str, start: str, end: str, step: str) -> Shown:
    span = _moment_or_span(at, start, end, step)
    answer = _run(asked, lambda door: _asked_for(door, expr, span, "trace"))
    trace = answer.data.get("trace")
    if trace is None:
        raise AskFailed(f"{asked.server} does not trace queries: it is no Vedette")
    if asked.output is Output.JSON:
        return Shown(_json(trace), answer)
    return Shown(analyze_lines(trace, len(read_result(answer.data).series), screen), answer)


def analyze_buckets(asked: Asked, screen: Screen, matchers: Sequence[str], duration: str, at: str) -> Shown:
    """How the histograms that `matchers` select used their buckets in the `duration` before `at`."""
    moment = api_time(when(at, _now(), "evaluation"))

    async def ask(door: Door) -> list[Series]:
        found: list[Series] = []
        for matcher in matchers:
            answer = await door.query(f"{matcher}[{duration}]", moment)
            found += read_result(answer.data).series
        return found

    used = bucket_use(_run(asked, ask))
    if asked.output is Output.JSON:
        return Shown(_json(used))
    return Shown(use_table(used, screen))


def show(work: Callable[[Screen], Shown], expr: str = "") -> int:
    """Prints what `work` answers. The exit code: 0, or 1 when there is no answer."""
    errors = Screen(sys.stderr)
    with patient_pipes():
        screen = Screen(sys.stdout)
        try:
            found = work(screen)
        except WrongArgument as wrong:
            errors.write([errors.paint(str(wrong), "red")])
            return 1
        except AskFailed as failure:
            errors.write(_told(failure, expr, errors))
            return 1
        # What is to be said about the answer comes first: a long table would hide it.
        if found.note:
            errors.write([errors.paint(found.note, "dim")])
        if found.answer is not None:
            errors.write(_notices(found.answer, errors))
        screen.write(found.lines)
    return 0


def _told(failure: AskFailed, expr: str, screen: Screen) -> Iterator[str]:
    yield screen.paint(shown(f"query error: {failure}"), "red")
    caret = failure.caret(expr) if isinstance(failure, QueryRefused) else ""
    for line in caret.split("\n") if caret else ():
        yield f"  {line}"


def _notices(answer: Answer, screen: Screen) -> Iterator[str]:
    for text in answer.warnings:
        yield screen.paint(shown(f"warning: {text.removeprefix('PromQL warning: ')}"), "yellow")
    for text in answer.infos:
        yield screen.paint(shown(f"info: {text.removeprefix('PromQL info: ')}"), "blue")


def _now() -> int:
    return time.time_ns() // 10**6


def _run(asked: Asked, ask: Callable[[Door], Coroutine[Any, Any, T]]) -> T:
    async def opened() -> T:
        async with asked.door() as door:
            return await ask(door)

    return asyncio.run(opened())


def _moment_or_span(at: str, start: str, end: str, step: str) -> Span:
    """A range query when anything speaks of a range."""
    if not (start or end or step):
        moment = when(at, _now(), "evaluation")
        return Span(moment, moment)
    if at:
        raise WrongArgument(
            "--time asks at one time, --start, --end and --step over a range: give one or the other"
        )
    return query_span(start, end, step, _now())


async def _ranged(door: Door, expr: str, span: Span, **more: str) -> Answer:
    return await door.query_range(expr, api_time(span.start), api_time(span.end), api_time(span.step), **more)


async def _asked_for(door: Door, expr: str, span: Span, what: str) -> Answer:
    if span.step:
        return await _ranged(door, expr, span, **{what: "1"})
    return await door.query(expr, api_time(span.start), **{what: "1"})


def _output(asked: Asked, screen: Screen) -> Output:
    if asked.output is not None:
        return asked.output
    return Output.TABLE if screen.is_terminal else Output.PROMQL


def _query_lines(
    asked: Asked, screen: Screen, result: Result, table: Callable[[], Iterator[str]]
) -> Iterator[str]:
    match _output(asked, screen):
        case Output.JSON:
            return _json(result.raw)
        case Output.CSV:
            return _plain(csv_text.lines_of(result), screen)
        case Output.TABLE:
            return table()
    return _plain(promql_text.lines_of(result), screen)


def _plain(lines: Iterable[str], screen: Screen) -> Iterator[str]:
    """Data as it is for a pipe; without control characters for a terminal."""
    return map(shown, lines) if screen.is_terminal else iter(lines)


def _json(data: Any) -> Iterator[str]:
    yield orjson.dumps(data).decode()
