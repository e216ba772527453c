"""Whether an answer is the expected one. Every function returns what is wrong, or None."""

from __future__ import annotations

import math
import re
from typing import Any

import re2

from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.script.commands import Expectation, Question
from vedette.metrics.promql.script.notation import Value, parse_labels, parse_values, split_series
from vedette.model.histogram import FloatHistogram, Hint
from vedette.model.labels import Labels
from vedette.model.values import format_value, parse_go_float

TOLERANCE = 1e-6
_OCTAL = re.compile(r"[-+]?0[0-7_]+\Z")


def bare_number(line: str) -> float | None:
    """The number that a line is, as Go reads integers of any base and floats; None when it is a series."""
    try:
        if _OCTAL.match(line):
            return float(int(line, 8))
        return float(int(line, 0))
    except ValueError:
        pass
    try:
        return parse_go_float(line)
    except ValueError:
        return None


def close(a: float, b: float) -> bool:
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if math.isinf(a) or math.isinf(b) or math.isnan(a) or math.isnan(b):
        return False
    if a == 0 or b == 0 or abs(a) + abs(b) < 2.2250738585072014e-308:
        return abs(a - b) < TOLERANCE * 2.2250738585072014e-308
    return abs(a - b) / min(abs(a) + abs(b), 1.7976931348623157e308) < TOLERANCE


def same_value(want: Value, got: Value) -> bool:
    if isinstance(want, FloatHistogram) and isinstance(got, FloatHistogram):
        return _same_histogram(want, got)
    if isinstance(want, FloatHistogram) or isinstance(got, FloatHistogram) or want is None or got is None:
        return want is got
    return close(want, got)


def _same_histogram(want: FloatHistogram, got: FloatHistogram) -> bool:
    if want.hint is not Hint.UNKNOWN and want.hint is not got.hint:
        return False
    want, got = want.compact(), got.compact()
    if want.schema != got.schema or want.bounds != got.bounds:
        return False
    numbers = [
        (want.count, got.count),
        (want.sum, got.sum),
        (want.zero_threshold, got.zero_threshold),
        (want.zero_count, got.zero_count),
    ]
    for a, b in ((want.positive, got.positive), (want.negative, got.negative)):
        if a.keys() != b.keys():
            return False
        numbers += [(a[i], b[i]) for i in a]
    return all(close(a, b) for a, b in numbers)


def show(value: Value) -> str:
    return (
        "nothing"
        if value is None
        else str(value)
        if isinstance(value, FloatHistogram)
        else format_value(value)
    )


def _cell(result: QueryResult, row: int, step: int) -> Value:
    if not result.present[row, step]:
        return None
    if result.histograms is not None and result.histograms[row, step] is not None:
        found: FloatHistogram = result.histograms[row, step]
        return found
    return float(result.values[row, step])


def check_annotations(expect: Expectation, result: QueryResult) -> str | None:
    for kind, wanted, never, texts in (
        ("warn", expect.warn, expect.no_warn, result.warnings),
        ("info", expect.info, expect.no_info, result.infos),
    ):
        if never and texts:
            return f"expected no {kind}, got {texts}"
        if wanted and not texts:
            return f"expected {kind} {wanted}, got none"
        if wanted:
            for text in texts:
                if not any(matches(text, *pattern) for pattern in wanted):
                    return f"unexpected {kind}: {text}"
            for pattern in wanted:
                if not any(matches(text, *pattern) for text in texts):
                    return f"missing {kind}: {pattern[1]}, got {texts}"
    return None


def matches(text: str, kind: str, pattern: str) -> bool:
    if kind == "any":
        return True
    return text == pattern if kind == "msg" else re2.search(pattern, text) is not None


def check_result(question: Question, result: QueryResult) -> str | None:
    expect = question.expect
    if expect.string is not None:
        return None if result.kind == "string" and result.text == expect.string else f"got {result.text!r}"
    if result.kind == "scalar":
        return _check_scalar(expect, result)
    if expect.matrix is not None or result.samples is not None:
        return _check_raw(expect, result)
    if question.step:
        return _check_range(expect, result)
    return _check_vector(expect, result, column=0, ordered=expect.ordered)


def check_column(expect: Expectation, result: QueryResult, column: int) -> str | None:
    """One step of a range answer against the expectation of an instant one."""
    want = bare_number(expect.results[0]) if result.rows == 1 and len(expect.results) == 1 else None
    if want is not None:
        got = _cell(result, 0, column)
        return None if same_value(want, got) else f"expected {show(want)}, got {show(got)}"
    return _check_vector(expect, result, column=column, ordered=False)


def _check_scalar(expect: Expectation, result: QueryResult) -> str | None:
    got = float(result.values[0, 0])
    want = bare_number(expect.results[0]) if len(expect.results) == 1 else None
    if want is None:
        return f"got a scalar {show(got)}"
    return None if same_value(want, got) else f"expected {show(want)}, got {show(got)}"


def _expected(expect: Expectation) -> list[tuple[Labels, list[Value]]]:
    out = []
    for line in expect.results:
        series, values = split_series(line)
        out.append((parse_labels(series), parse_values(values)))
    return out


def _check_vector(expect: Expectation, result: QueryResult, *, column: int, ordered: bool) -> str | None:
    got = [
        (labels, _cell(result, row, column))
        for row, labels in enumerate(result.table)
        if result.present[row, column]
    ]
    want: list[tuple[Labels, Value]] = [(labels, values[0]) for labels, values in _expected(expect)]
    if ordered and [labels for labels, _ in got] != [labels for labels, _ in want]:
        return f"expected in order {[str(x) for x, _ in want]}, got {[str(x) for x, _ in got]}"
    return _check_series(dict(want), dict(got))


def _check_series(want: dict[Labels, Any], got: dict[Labels, Any]) -> str | None:
    for labels, value in want.items():
        if labels not in got:
            return f"{labels}: expected {show(value)}, got no such series; there are {[str(x) for x in got]}"
        if not same_value(value, got[labels]):
            return f"{labels}: expected {show(value)}, got {show(got[labels])}"
    extra = [labels for labels in got if labels not in want]
    return f"unexpected series {extra[0]} {show(got[extra[0]])}" if extra else None


def _check_range(expect: Expectation, result: QueryResult) -> str | None:
    got = {labels: row for row, labels in enumerate(result.table)}
    want = _expected(expect)
    for labels, values in want:
        if labels not in got:
            if all(v is None for v in values):
                continue
            return f"{labels}: no such series; there are {[str(x) for x in got]}"
        row = got[labels]
        for step in range(max(len(values), len(result.timestamps))):
            value = values[step] if step < len(values) else None
            found = _cell(result, row, step) if step < len(result.timestamps) else None
            if step >= len(result.timestamps):
                break
            if not same_value(value, found):
                return f"{labels} at step {step}: expected {show(value)}, got {show(found)}"
    extra = [labels for labels in got if labels not in {x for x, _ in want}]
    return f"unexpected series {extra[0]}" if extra else None


def _check_raw(expect: Expectation, result: QueryResult) -> str | None:
    batch = result.samples
    if batch is None or expect.matrix is None:
        return f"expected {'a range vector' if batch is None else 'no range vector'}"
    start, _, step = expect.matrix
    got: dict[Labels, dict[int, Value]] = {}
    for row, labels in enumerate(result.table):
        inside = range(int(batch.offsets[row]), int(batch.offsets[row + 1]))
        histograms = batch.histograms or [None] * len(batch.values)
        got[labels] = {
            int(batch.timestamps[i]): histograms[i] if histograms[i] is not None else float(batch.values[i])
            for i in inside
        }
    want = _expected(expect)
    for labels, values in want:
        there = {start + i * step: v for i, v in enumerate(values) if v is not None}
        found = got.get(labels)
        if found is None:
            return f"{labels}: no such series"
        if found.keys() != there.keys():
            return f"{labels}: expected samples at {sorted(there)}, got {sorted(found)}"
        for time, value in there.items():
            if not same_value(value, found[time]):
                return f"{labels} at {time}: expected {show(value)}, got {show(found[time])}"
    extra = [labels for labels in got if labels not in {x for x, _ in want}]
    return f"unexpected series {extra[0]}" if extra else None
