"""Series as scripts and rule unit tests write them: ``metric{a="b"} 1+2x3 _ stale {{schema:1 count:2}}``."""

from __future__ import annotations

import re
from dataclasses import replace

from vedette.metrics.promql.syntax.cursor import Cursor
from vedette.metrics.promql.syntax.selectors import parse_selector
from vedette.metrics.promql.syntax.tokens import Kind
from vedette.model.histogram import CUSTOM_SCHEMA, FloatHistogram, Hint
from vedette.model.labels import Labels, MatchOp
from vedette.model.time import parse_duration
from vedette.model.values import STALE_NAN, parse_go_float

Value = float | FloatHistogram | None  # None: no sample

_NUMBER = r"[+-]?(?:\d[\d_]*\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)"
_FLOAT = re.compile(rf"({_NUMBER})(?:(?:([+-])({_NUMBER}))?x(\d+))?\Z", re.IGNORECASE)
_GAP = re.compile(r"_(?:x(\d+))?\Z")
_AGAIN = re.compile(r"\*(?:x(\d+))?\Z")
_TOKEN = re.compile(r"\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?(?:x\d+)?|\S+")
_HISTOGRAM = re.compile(r"\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?\Z")
_FIELD = re.compile(r"(\w+):(\[[^\]]*\]|\S+)")
_START = re.compile(r"([+-]?)((?:\d+[a-z]+)+|0)(?:([+-])((?:\d+[a-z]+)+))?(?:x(\d+))?\Z")


# More values than this in one place are a slip of the pen, and fill the memory.
MOST_VALUES = 1_000_000


class NotationError(ValueError):
    """A series line that says nothing. `str()` is for the user."""


def split_series(line: str) -> tuple[str, str]:
    """``(series, values)``: the series ends at the first blank outside of braces and quotes."""
    depth, quote, at = 0, "", 0
    while at < len(line):
        ch = line[at]
        if quote:
            if ch == "\\" and quote != "`":
                at += 1
            elif ch == quote:
                quote = ""
        elif ch in "\"'`":
            quote = ch
        elif ch == "{":
            depth += 1
        elif ch == "}":
            depth -= 1
        elif (ch.isspace() and depth == 0 and not line[at:].lstrip().startswith("{") | (at == 0)) or (
            ch.isspace() and depth == 0 and line[at:].lstrip().startswith("{{")
        ):
            break
        at += 1
    return line[:at].strip(), line[at:].strip()


def parse_labels(text: str) -> Labels:
    """``metric{a="b"}``, ``{a="b"}``, ``{}``. Raises `QueryError` or `NotationError` for what is no label set."""
    cursor = Cursor(text, frozenset())
    name = None
    if not cursor.is_punct("{") and cursor.token.kind is not Kind.EOF:
        name = cursor.advance()
    selector = parse_selector(cursor, name)
    if cursor.token.kind is not Kind.EOF:
        raise cursor.unexpected("series")
    for matcher in selector.matchers:
        if matcher.op is not MatchOp.EQUAL:
            raise NotationError(f"a series has labels, not matchers: {matcher}")
    return Labels((m.name, m.value) for m in selector.matchers)


def parse_values(text: str) -> list[Value]:
    """One entry a step. Raises `NotationError`."""
    out: list[Value] = []
    for token in _TOKEN.findall(text):
        out += _values(token)
    return out


def _times(text: str | None, otherwise: int = 0) -> int:
    """The number behind `x`."""
    if text is None:
        return otherwise
    if len(text) > 7 or int(text) > MOST_VALUES:
        raise NotationError(f"x{text}: more than {MOST_VALUES} values")
    return int(text)


def _values(token: str) -> list[Value]:
    if token == "stale":
        return [STALE_NAN]
    if found := _GAP.match(token):
        return [None] * _times(found[1], 1)
    if found := _FLOAT.match(token):
        first = float(found[1])
        step = float(found[3]) if found[3] else 0.0
        step = -step if found[2] == "-" else step
        values: list[Value] = [first]
        current = first
        for _ in range(_times(found[4])):
            current += step
            values.append(current)
        return values
    if found := _HISTOGRAM.match(token):
        return _histograms(found)
    raise NotationError(f"not a value: {token!r}")


def _histograms(found: re.Match[str]) -> list[Value]:
    current = parse_histogram(found[1])
    values: list[Value] = [current]
    times = _times(found[4])
    if found[2] is None:
        return values * (times + 1)
    step = parse_histogram(found[3])
    for _ in range(times):
        hint = current.hint
        combined = current.add(step) if found[2] == "+" else current.sub(step)
        current = replace(combined.histogram, hint=hint if hint is Hint.GAUGE else Hint.UNKNOWN)
        values.append(current)
    return values


_FIELDS = frozenset(
    (
        "schema",
        "count",
        "sum",
        "z_bucket",
        "z_bucket_w",
        "custom_values",
        "buckets",
        "offset",
        "n_buckets",
        "n_offset",
        "counter_reset_hint",
    )
)


def parse_histogram(text: str) -> FloatHistogram:
    """``schema:1 count:2 sum:3 buckets:[1 2] ...``. Raises `NotationError`."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        if name not in _FIELDS:
            raise NotationError(
                f"not a field of a histogram: {name!r}; there are {', '.join(sorted(_FIELDS))}"
            )
        if name in fields:
            raise NotationError(f"the field {name!r} is given twice")
        fields[name] = value
    if _FIELD.sub("", text).strip():
        raise NotationError(f"not a histogram: {{{{{text}}}}}")
    try:
        return _histogram(fields)
    except ValueError as error:
        raise NotationError(f"not a histogram: {{{{{text}}}}}: {error}") from error


def _histogram(fields: dict[str, str]) -> FloatHistogram:
    schema = int(fields.get("schema", "0"))
    if schema != CUSTOM_SCHEMA and not -9 <= schema <= 52:
        raise ValueError(f"there is no schema {schema}")

    def number(name: str) -> float:
        return parse_go_float(fields.get(name, "0"))

    def numbers(name: str) -> list[float]:
        return [parse_go_float(x) for x in fields.get(name, "[]")[1:-1].split()]

    def side(name: str, offset: str) -> dict[int, float]:
        # Empty buckets stay: they, too, tell to which sides a histogram reaches.
        return dict(enumerate(numbers(name), int(fields.get(offset, "0"))))

    positive, bounds = side("buckets", "offset"), numbers("custom_values") if schema == CUSTOM_SCHEMA else []
    if schema == CUSTOM_SCHEMA and any(not 0 <= index <= len(bounds) for index in positive):
        raise ValueError(f"{len(bounds)} custom_values have {len(bounds) + 1} buckets")
    return FloatHistogram(
        schema=schema,
        count=number("count"),
        sum=number("sum"),
        zero_threshold=number("z_bucket_w"),
        zero_count=number("z_bucket"),
        positive=positive,
        negative=side("n_buckets", "n_offset"),
        bounds=tuple(bounds),
        hint=Hint(fields.get("counter_reset_hint", "unknown")),
    )


def parse_starts(text: str) -> list[int | None]:
    """Start timestamps relative to their sample's time, in ms: ``_ -1m -30s-1mx2 *x2``; None for none, ``*`` as before."""
    out: list[int | None] = []
    for token in text.split():
        if found := _GAP.match(token):
            out += [None] * _times(found[1], 1)
            continue
        if found := _AGAIN.match(token):
            before = next((start for start in reversed(out) if start is not None), 0)
            out += [before] * (_times(found[1]) + 1)
            continue
        found = _START.match(token)
        if found is None:
            raise NotationError(f"not a start timestamp: {token!r}")
        current = _signed(found[1], found[2])
        step = _signed(found[3], found[4]) if found[4] else 0
        for _ in range(_times(found[5]) + 1):
            out.append(current)
            current += step
    return out


def _signed(sign: str, text: str) -> int:
    return (-1 if sign == "-" else 1) * parse_duration(text)
