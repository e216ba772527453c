"""A script as a list of commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from vedette.metrics.promql.syntax.strings import unquote
from vedette.model.time import DurationError, parse_duration


class ScriptError(ValueError):
    """A script that can't be read. `str()` names the line."""


@dataclass(frozen=True, slots=True)
class Load:
    line: int
    step: int
    series: tuple[str, ...]
    with_nhcb: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    line: int


@dataclass(slots=True)
class Expectation:
    """What an answer must look like. Each of `fail`, `warn`, `info` lists ``(kind, text)``: any, msg or regex."""

    results: list[str] = field(default_factory=list)
    fail: list[tuple[str, str]] = field(default_factory=list)
    warn: list[tuple[str, str]] = field(default_factory=list)
    info: list[tuple[str, str]] = field(default_factory=list)
    no_warn: bool = False
    no_info: bool = False
    ordered: bool = False
    string: str | None = None
    matrix: tuple[int, int, int] | None = None  # start, end, step of an expected range vector


@dataclass(frozen=True, slots=True)
class Question:
    line: int
    query: str
    start: int
    end: int
    step: int  # 0: an instant
    expect: Expectation


Command = Load | Clear | Question

_LOAD = re.compile(r"(load|load_with_nhcb)\s+(\S+)\Z")
_EVAL = re.compile(
    r"eval(_fail|_warn|_info|_ordered)?\s+(?:instant\s+at\s+(\S+)|range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+))\s+(.+)\Z",
    re.DOTALL,
)
# A command can follow another without a blank line; a series may have a command's name.
_BEGINS = re.compile(
    r"clear\Z|load(_with_nhcb)?\s+\d+[a-z]\S*\Z|eval(_[a-z]+)?\s+(instant\s+at\s|range\s+from\s)"
)
_ANNOTATION = re.compile(r"(fail|warn|info)(?:\s+(msg|regex):\s*(.*))?\Z")
_MATRIX = re.compile(r"range vector from (\S+) to (\S+) step (\S+)\Z")


def milliseconds(text: str) -> int:
    """``5m``, ``-30s``, or plain seconds."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * parse_duration(body)
    except DurationError:
        return sign * round(float(body) * 1000)


def parse_script(text: str) -> list[Command]:
    """Raises `ScriptError`. A block ends at the first blank or comment line."""
    lines = [line.strip() for line in text.split("\n")]
    lines = ["" if line.startswith("#") else line for line in lines]
    commands: list[Command] = []
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if not line:
            continue
        block: list[str] = []
        if line != "clear":
            while at < len(lines) and lines[at] and not _BEGINS.match(lines[at]):
                block.append(lines[at])
                at += 1
        commands.append(_command(line, number, block))
    return commands


def _command(line: str, number: int, block: list[str]) -> Command:
    if line == "clear":
        return Clear(number)
    if found := _LOAD.match(line):
        return Load(number, milliseconds(found[2]), tuple(block), found[1] == "load_with_nhcb")
    if found := _EVAL.match(line):
        old, instant, start, end, step, query = found.groups()
        expect = _expectation(block, number)
        if old in ("_fail", "_warn", "_info"):
            listed: list[tuple[str, str]] = getattr(expect, old[1:])
            if not listed:
                listed.append(("any", ""))
        expect.ordered = expect.ordered or old == "_ordered"
        if instant is not None:
            when = milliseconds(instant)
            return Question(number, query, when, when, 0, expect)
        return Question(number, query, milliseconds(start), milliseconds(end), milliseconds(step), expect)
    raise ScriptError(f"line {number}: not a command: {line}")


def _expectation(block: list[str], number: int) -> Expectation:
    expect = Expectation()
    for line in block:
        if line.startswith("expected_fail_message"):
            expect.fail.append(("msg", line.split(None, 1)[1]))
        elif line.startswith("expected_fail_regexp"):
            expect.fail.append(("regex", line.split(None, 1)[1]))
        elif line.startswith("expect "):
            _expect(expect, line[7:].strip(), number)
        else:
            expect.results.append(line)
    return expect


def _expect(expect: Expectation, text: str, number: int) -> None:
    if text in ("no_warn", "no_info", "ordered"):
        setattr(expect, text, True)
    elif text.startswith("string "):
        expect.string = unquote(text[7:].strip())
    elif found := _MATRIX.match(text):
        expect.matrix = (milliseconds(found[1]), milliseconds(found[2]), milliseconds(found[3]))
    elif found := _ANNOTATION.match(text):
        listed: list[tuple[str, str]] = getattr(expect, found[1])
        listed.append((found[2] or "any", (found[3] or "").strip()))
    else:
        raise ScriptError(f"line {number}: not an expectation: {text}")
