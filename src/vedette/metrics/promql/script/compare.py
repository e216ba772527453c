"""Whether an answer is the expected one. Every function returns what is wrong, or None."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable

from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.script.commands import Expectation, Question
from vedette.metrics.promql.script.notation import Value
from vedette.model.histogram import FloatHistogram, Hint
from vedette.model.labels import Labels
from vedette.model.time import format_duration
from vedette.model.values import format_value

TOLERANCE = 1e-6


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


def _cell(result: QueryResult, row: int, column: int) -> Value:
    if not result.present[row, column]:
        return None
    if result.histograms is not None and result.histograms[row, column] is not None:
        found: FloatHistogram = result.histograms[row, column]
        return found
    return float(result.values[row, column])


def check_failure(expect: Expectation, text: str) -> str | None:
    """Whether a query may fail with this text."""
    if not expect.fail:
        return f"failed: {text}"
    # A parse error stands behind its position; what a script expects can't end with a blank.
    if any(p.matches(text) or (not p.regex and text.rstrip().endswith(p.text)) for p in expect.fail):
        return None
    return f"expected failure {_any_of(expect.fail)}, got: {text}"


# Where and when: other in another query that means the same.
_PLACE = re.compile(r"(, over \d+ samples from \S+ to \S+)?( \(\d+:\d+\))?\Z")


def check_annotations(expect: Expectation, result: QueryResult) -> str | None:
    """Warnings and infos of the question as it stands."""
    for kind, wanted, never, texts in (
        ("warn", expect.warn, expect.no_warn, result.warnings),
        ("info", expect.info, expect.no_info, result.infos),
    ):
        if never and texts:
            return f"expected no {kind}, got {texts}"
        if wanted and not texts:
            return f"expected {kind} {_any_of(wanted)}, got none"
        for text in texts if wanted else ():
            if not any(pattern.matches(text) for pattern in wanted):
                return f"unexpected {kind}: {text}"
        for pattern in wanted:
            if not any(pattern.matches(text) for text in texts):
                return f"missing {kind}: {pattern.text}, got {texts}"
    return None


def check_placeless_annotations(expect: Expectation, result: QueryResult) -> str | None:
    """Warnings and infos of an equivalent form: the same, of another place in the query."""
    for kind, wanted, never, texts in (
        ("warn", expect.warn, expect.no_warn, result.warnings),
        ("info", expect.info, expect.no_info, result.infos),
    ):
        if never and texts:
            return f"expected no {kind}, got {texts}"
        if wanted and not texts:
            return f"expected {kind} {_any_of(wanted)}, got none"
        if any(pattern.regex or not pattern.text for pattern in wanted):
            # Who knows what a regular expression says of places.
            continue
        want, got = ({_PLACE.sub("", text) for text in found} for found in ((p.text for p in wanted), texts))
        if wanted and want != got:
            return f"expected {kind} {sorted(want)}, got {sorted(got)}"
    return None


def _any_of(patterns: Iterable[object]) -> str:
    return " or ".join(map(str, patterns))


def check_answer(question: Question, result: QueryResult) -> str | None:
    """The answer to the question as it stands."""
    expect = question.expect
    if expect.string is not None or result.kind == "string":
        same = result.kind == "string" and (expect.string or "") == result.text
        return None if same else f"expected {_kind(expect)}, got {_shown_kind(result)}"
    if expect.matrix is not None or result.samples is not None:
        return _check_raw(expect, result)
    if not question.step and (expect.scalar is not None) != (result.kind == "scalar"):
        return f"expected {_kind(expect)}, got {_shown_kind(result)}"
    if expect.ordered:
        got = [labels for row, labels in enumerate(result.table) if result.present[row, 0]]
        want = [series.labels for series in expect.series]
        if got != want:
            return f"expected in order {[str(x) for x in want]}, got {[str(x) for x in got]}"
    if question.step:
        found = list(result.table)
        for before, after in itertools.pairwise(found):
            if after.pairs < before.pairs:
                return f"not sorted by labels: {before} comes before {after}"
    return check_steps(question, result, ((i, i) for i in range(question.steps)))


def _kind(expect: Expectation) -> str:
    if expect.string is not None:
        return f"the string {expect.string!r}"
    return "series" if expect.scalar is None else f"the scalar {show(expect.scalar)}"


def _shown_kind(result: QueryResult) -> str:
    if result.kind == "string":
        return f"the string {result.text!r}"
    return f"the scalar {show(_cell(result, 0, 0))}" if result.kind == "scalar" else f"a {result.kind}"


def check_steps(question: Question, result: QueryResult, steps: Iterable[tuple[int, int]]) -> str | None:
    """Some steps of the question against columns of an answer, given as ``(step, column)``."""
    for series in question.expect.series:
        if len(series.values) > question.steps:
            return f"{series.labels}: expected {len(series.values)} values of {question.steps} steps"
    table = list(result.table)
    for step, column in steps:
        reason = _check_step(_expected(question.expect, step), table, result, column)
        if reason is not None:
            at = format_duration(question.start + step * question.step)
            return f"{reason} at {at}" if question.step else reason
    return None


def _expected(expect: Expectation, step: int) -> dict[Labels, Value]:
    if expect.scalar is not None:
        return {Labels(()): expect.scalar}
    return {
        series.labels: series.values[step]
        for series in expect.series
        if step < len(series.values) and series.values[step] is not None
    }


def _check_step(
    want: dict[Labels, Value], table: list[Labels], result: QueryResult, column: int
) -> str | None:
    got: dict[Labels, Value] = {}
    for row, labels in enumerate(table):
        value = _cell(result, row, column)
        if value is None:
            continue
        if labels in got:
            return f"{labels}: there are two of them"
        got[labels] = value
    for labels, value in want.items():
        if labels not in got:
            return f"{labels}: expected {show(value)}, got no such series; there are {[str(x) for x in got]}"
        if not same_value(value, got[labels]):
            return f"{labels}: expected {show(value)}, got {show(got[labels])}"
    extra = [labels for labels in got if labels not in want]
    return f"unexpected series {extra[0]} {show(got[extra[0]])}" if extra else None


def _check_raw(expect: Expectation, result: QueryResult) -> str | None:
    """The samples of a range vector."""
    batch = result.samples
    if batch is None or expect.matrix is None:
        return f"expected {'a range vector' if batch is None else 'no range vector'}"
    start, end, step = expect.matrix
    got: dict[Labels, dict[int, Value]] = {}
    for row, labels in enumerate(result.table):
        inside = range(int(batch.offsets[row]), int(batch.offsets[row + 1]))
        histograms = batch.histograms or [None] * len(batch.values)
        got[labels] = {
            int(batch.timestamps[i]): histograms[i] if histograms[i] is not None else float(batch.values[i])
            for i in inside
        }
    for series in expect.series:
        there = {start + i * step: v for i, v in enumerate(series.values) if v is not None}
        found = got.pop(series.labels, None)
        if there and max(there) > end:
            return f"{series.labels}: more values than steps up to {format_duration(end)}"
        if found is None:
            return f"{series.labels}: no such series"
        if found.keys() != there.keys():
            return f"{series.labels}: expected samples at {sorted(there)}, got {sorted(found)}"
        for time, value in there.items():
            if not same_value(value, found[time]):
                return f"{series.labels} at {time}: expected {show(value)}, got {show(found[time])}"
    return f"unexpected series {next(iter(got))}" if got else None
