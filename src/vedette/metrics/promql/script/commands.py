"""A script as a list of commands. Everything in it is read before anything runs: a fault is found at its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import re2

from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.script.notation import (
    MOST_VALUES,
    NotationError,
    Value,
    parse_labels,
    parse_starts,
    parse_values,
    split_series,
)
from vedette.metrics.promql.syntax.durations import MAX_SECONDS
from vedette.metrics.promql.syntax.strings import unquote
from vedette.model.labels import Labels
from vedette.model.time import DurationError, parse_duration
from vedette.model.values import parse_go_float

T = TypeVar("T")

# What ends the name of a series in a line of start timestamps.
STARTS = "@st"


class ScriptError(ValueError):
    """A script that can't be read. `str()` names the line."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a `load` or of a result: one value a step, None for no sample."""

    line: int
    labels: Labels
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Samples at 0, step, 2 step... Of two lines of one series the last one counts.

    `starts` of a series are relative to the time of their sample; series without a line of their own have
    `default_starts`, over and over.
    """

    line: int
    step: int
    series: tuple[Series, ...]
    starts: Mapping[Labels, tuple[int | None, ...]]
    default_starts: tuple[int | None, ...] = ()
    with_nhcb: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    line: int


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> Any:
    """Not anchored. Raises `re2.error`."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an error or an annotation must say: anything, a text, or what a regular expression finds."""

    text: str = ""
    regex: bool = False

    def __str__(self) -> str:
        return f"regex: {self.text}" if self.regex else self.text or "any"

    def matches(self, text: str) -> bool:
        if self.regex:
            readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            return _regex(self.text).search(readable) is not None
        return self.text in ("", text)


@dataclass(slots=True)
class Expectation:
    """What an answer must look like."""

    series: list[Series] = field(default_factory=list)
    scalar: float | None = None
    string: str | None = None
    matrix: tuple[int, int, int] | None = None  # start, end, step of an expected range vector
    fail: list[Pattern] = field(default_factory=list)
    warn: list[Pattern] = field(default_factory=list)
    info: list[Pattern] = field(default_factory=list)
    no_warn: bool = False
    no_info: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    line: int
    query: str
    start: int
    end: int
    step: int  # 0: an instant
    expect: Expectation

    @property
    def steps(self) -> int:
        return (self.end - self.start) // self.step + 1 if self.step else 1


Command = Load | Clear | Question
Lines = list[tuple[int, str]]  # number and text

_LOAD = re.compile(r"load(_with_nhcb)?\s+(\S.*)\Z")
_EVAL = re.compile(r"eval(?:_(fail|warn|info|ordered))?\s+(instant|range)\s+(.+)\Z")
_INSTANT = re.compile(r"at\s+(\S+)\s+(.+)\Z")
_RANGE = re.compile(r"from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)\Z")
# A line that starts a command where a series is expected, too: no blank line is needed between two commands.
_NEXT = re.compile(
    r"clear\Z|load(_with_nhcb)?\s+\d+[a-z]\S*\Z|eval(_[a-z]+)?\s+(instant\s+at\s|range\s+from\s)"
)
_ANNOTATION = re.compile(r"(fail|warn|info)(?:\s+(msg|regex)\s*:(.*))?\Z")
_MATRIX = re.compile(r"range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\Z")
_OCTAL = re.compile(r"[-+]?0[0-7_]+\Z")
_OLD_PATTERN = re.compile(r"expected_fail_(message|regexp)\b(.*)\Z")


def parse_script(text: str) -> list[Command]:
    """Raises `ScriptError`. The lines of a command end at a blank line, a comment, or the next command."""
    lines = [line.strip() for line in text.split("\n")]
    lines = ["" if line.startswith("#") else line for line in lines]
    commands: list[Command] = []
    at = 0
    while at < len(lines):
        head = (at + 1, lines[at])
        at += 1
        if not head[1]:
            continue
        block: Lines = []
        if head[1].lower() != "clear":
            while at < len(lines) and lines[at] and not _NEXT.match(lines[at]):
                block.append((at + 1, lines[at]))
                at += 1
        commands.append(_command(*head, block))
    return commands


def _command(number: int, line: str, block: Lines) -> Command:
    word = line.split(None, 1)[0]
    if line.lower() == "clear":
        return Clear(number)
    if word.startswith("load"):
        return _load(number, line, block)
    if word.startswith("eval"):
        return _question(number, line, block)
    raise ScriptError(number, f"not a command: {line}; there are load, clear and eval")


def _load(number: int, line: str, block: Lines) -> Load:
    found = _LOAD.match(line)
    if found is None:
        raise ScriptError(number, f"not a load: {line}; write `load STEP` or `load_with_nhcb STEP`")
    step = _time(number, "step", found[2])
    if step <= 0:
        raise ScriptError(number, f"step {found[2]}: must be greater than 0")
    series: dict[Labels, Series] = {}
    starts: dict[Labels, tuple[int | None, ...]] = {}
    default: tuple[int | None, ...] = ()
    for at, text in block:
        name, values = split_series(text)
        if name == STARTS:
            default = tuple(_read(at, text, parse_starts, values))
        elif name.endswith(STARTS):
            labels = _read(at, text, parse_labels, name.removesuffix(STARTS))
            starts[labels] = tuple(_read(at, text, parse_starts, values))
        else:
            line_ = _series(at, text)
            series[line_.labels] = line_
    return Load(number, step, tuple(series.values()), starts, default, found[1] is not None)


def _series(number: int, line: str) -> Series:
    name, values = split_series(line)
    labels = _read(number, line, parse_labels, name)
    return Series(number, labels, tuple(_read(number, line, parse_values, values)))


def _read(number: int, line: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except (NotationError, QueryError, ValueError) as error:
        raise ScriptError(number, f"{line}: {error}") from error


def _time(number: int, what: str, text: str) -> int:
    """Milliseconds of ``5m``, ``-30s``, or plain seconds."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * parse_duration(body)
    except DurationError as error:
        try:
            seconds = float(body)
        except ValueError:
            raise ScriptError(number, f"{what} {text}: {error}") from None
    if not 0 <= seconds < MAX_SECONDS:
        raise ScriptError(number, f"{what} {text}: duration out of range")
    return sign * round(seconds * 1000)


def _question(number: int, line: str, block: Lines) -> Question:
    found = _EVAL.match(line)
    instant = found and found[2] == "instant" and _INSTANT.match(found[3])
    ranged = found and found[2] == "range" and _RANGE.match(found[3])
    if found is None or not (instant or ranged):
        forms = "`eval instant at TIME QUERY` or `eval range from START to END step STEP QUERY`"
        raise ScriptError(number, f"not an eval: {line}; write {forms}")
    if instant:
        start = end = _time(number, "time", instant[1])
        step, query = 0, instant[2]
    else:
        assert ranged
        start, end = _time(number, "start", ranged[1]), _time(number, "end", ranged[2])
        step, query = _time(number, "step", ranged[3]), ranged[4]
        if end < start:
            raise ScriptError(number, f"the end {ranged[2]} is before the start {ranged[1]}")
        if step <= 0:
            raise ScriptError(number, f"step {ranged[3]}: must be greater than 0")
        if (end - start) // step >= MOST_VALUES:
            raise ScriptError(number, f"more than {MOST_VALUES} steps")
    expect = _expectation(block)
    old = found[1]
    if old == "ordered":
        expect.ordered = True
    elif old is not None and not getattr(expect, old):
        getattr(expect, old).append(Pattern())
    _check(number, expect, instant=bool(instant))
    if instant and expect.matrix is not None:
        # As the original: what is expected says when it is asked.
        start = end = expect.matrix[1]
    return Question(number, query, start, end, step, expect)


def _check(number: int, expect: Expectation, *, instant: bool) -> None:
    """Refuses what can't be meant."""
    for kind in ("warn", "info"):
        if getattr(expect, kind) and getattr(expect, f"no_{kind}"):
            raise ScriptError(number, f"`expect {kind}` and `expect no_{kind}` exclude each other")
    if expect.ordered and not instant:
        raise ScriptError(number, "`expect ordered`: the answer of a range query is always sorted by labels")
    for series in expect.series if instant and expect.matrix is None else ():
        if len(series.values) != 1:
            raise ScriptError(
                series.line, f"{series.labels}: an instant has one value, not {len(series.values)}"
            )
    if expect.scalar is not None and expect.series:
        raise ScriptError(number, "either a number or series can be the answer")


def _expectation(block: Lines) -> Expectation:
    expect = Expectation()
    for number, line in block:
        if old := _OLD_PATTERN.match(line):
            expect.fail.append(_pattern(number, old[1] == "regexp", old[2].strip()))
        elif line.split(None, 1)[0] == "expect":
            _expect(expect, number, line[len("expect") :].strip())
        elif (value := bare_number(line)) is not None:
            expect.scalar = value
        else:
            expect.series.append(_series(number, line))
    return expect


def _expect(expect: Expectation, number: int, text: str) -> None:
    if text in ("no_warn", "no_info", "ordered"):
        setattr(expect, text, True)
    elif text.startswith("string "):
        expect.string = _read(number, f"expect {text}", _quoted, text[len("string ") :].strip())
    elif found := _MATRIX.match(text):
        start, end, step = (
            _time(number, what, part)
            for what, part in zip(("start", "end", "step"), found.groups(), strict=True)
        )
        expect.matrix = (start, end, step)
    elif found := _ANNOTATION.match(text):
        pattern = Pattern()
        if found[2] is not None:
            pattern = _pattern(number, found[2] == "regex", found[3].strip())
        getattr(expect, found[1]).append(pattern)
    else:
        raise ScriptError(number, f"not an expectation: expect {text}")


def _quoted(text: str) -> str:
    if len(text) < 2 or text[0] not in "\"'`" or text[-1] != text[0]:
        raise ValueError("not a quoted string")
    return unquote(text)


def _pattern(number: int, regex: bool, text: str) -> Pattern:
    if not text:
        raise ScriptError(number, "the text to expect is missing")
    if regex:
        try:
            _regex(text)
        except re2.error as error:
            raise ScriptError(number, f"regex: {text}: {error}") from error
    return Pattern(text, regex)


def bare_number(text: str) -> float | None:
    """The number that a line is, as Go reads integers of any base and floats; None when it is a series."""
    try:
        return float(int(text, 8 if _OCTAL.match(text) else 0))
    except ValueError:
        pass
    try:
        return parse_go_float(text)
    except ValueError:
        return None
