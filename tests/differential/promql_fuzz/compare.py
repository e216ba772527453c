"""Whether two answers are the same answer."""

from __future__ import annotations

import math

from vedette.model.histogram import FloatHistogram, Hint

from .question import Answer, Question, Value

ORDERED = ("sort", "topk", "bottomk")


def difference(
    question: Question, got: Answer, want: Answer, *, tolerance: float, notes: bool = False
) -> str | None:
    """What is different, or None. `notes` compares warnings and infos as well."""
    if (got.error is None) != (want.error is None):
        return f"got {_outcome(got)}, want {_outcome(want)}"
    if got.error is not None:
        return None
    if (got.kind, got.text) != (want.kind, want.text):
        return f"got a {got.kind} {got.text!r}, want a {want.kind} {want.text!r}"
    got_rows, want_rows = got.sorted_rows(), want.sorted_rows()
    got_labels, want_labels = [r[0] for r in got_rows], [r[0] for r in want_rows]
    if got_labels != want_labels:
        extra = [dict(x) for x in got_labels if x not in want_labels][:3]
        missing = [dict(x) for x in want_labels if x not in got_labels][:3]
        return f"series: got besides {extra}, lacks {missing} ({len(got_labels)} against {len(want_labels)})"
    for (labels, mine), (_, theirs) in zip(got_rows, want_rows, strict=True):
        if [t for t, _ in mine] != [t for t, _ in theirs]:
            return f"{dict(labels)}: times {[t for t, _ in mine][:8]}, want {[t for t, _ in theirs][:8]}"
        for (time, a), (_, b) in zip(mine, theirs, strict=True):
            if not same_value(a, b, tolerance):
                return f"{dict(labels)} at {time}: got {_shown(a)}, want {_shown(b)}"
    if got.kind == "vector" and question.query.startswith(ORDERED):
        mine_ordered, theirs_ordered = ([row[1][0][1] for row in x.rows] for x in (got, want))
        for a, b in zip(mine_ordered, theirs_ordered, strict=True):
            if not same_value(a, b, tolerance):
                return f"order: got {mine_ordered}, want {theirs_ordered}"
    if notes and (_told(got.warnings), got.infos) != (_told(want.warnings), want.infos):
        return f"notes: got {got.warnings + got.infos}, want {want.warnings + want.infos}"
    return None


def _told(warnings: tuple[str, ...]) -> tuple[str, ...]:
    """Without what follows from how the store cut its chunks."""
    return tuple(w for w in warnings if "conflicting counter resets" not in w)


def same_value(a: Value, b: Value, tolerance: float) -> bool:
    if isinstance(a, FloatHistogram) or isinstance(b, FloatHistogram):
        return (
            isinstance(a, FloatHistogram)
            and isinstance(b, FloatHistogram)
            and _same_histogram(a, b, tolerance)
        )
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


def _same_histogram(a: FloatHistogram, b: FloatHistogram, tolerance: float) -> bool:
    # What else a hint says is how the store cut its chunks.
    if (a.schema, a.bounds, a.hint is Hint.GAUGE) != (b.schema, b.bounds, b.hint is Hint.GAUGE):
        return False
    numbers = [
        (a.count, b.count),
        (a.sum, b.sum),
        (a.zero_count, b.zero_count),
        (a.zero_threshold, b.zero_threshold),
    ]
    for mine, theirs in ((a.positive, b.positive), (a.negative, b.negative)):
        numbers += [(mine.get(i, 0.0), theirs.get(i, 0.0)) for i in {*mine, *theirs}]
    return all(same_value(x, y, tolerance) for x, y in numbers)


def _outcome(answer: Answer) -> str:
    return f"an error ({answer.error})" if answer.error is not None else f"{len(answer.rows)} series"


def _shown(value: Value) -> str:
    return f"{value} ({value.hint.value})" if isinstance(value, FloatHistogram) else str(value)
