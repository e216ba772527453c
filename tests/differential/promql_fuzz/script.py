"""A question with its series as a case of the script language, for `tests/metrics/promql/scripts/found_*.test`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import gcd

from vedette.model.histogram import FloatHistogram, Hint
from vedette.model.labels import quote
from vedette.model.values import format_value, is_stale

from .data import BASE, Series, Value
from .question import Answer, LabelSet, Question


def as_script(question: Question, series: Sequence[Series], answer: Answer) -> str:
    """Times are counted from the earliest minute that matters."""
    times = [t for s in series for t, _ in s.samples]
    origin = BASE if not times else min(times) // 1000 * 1000 + (min(times) % 1000)
    step = reduce(gcd, [t - origin for t in times], 0) or 60_000
    loaded = [f"  {_name(one.labels)} {_values(one, origin, step)}" for one in series]
    lines = [f"load {_duration(step)}", *loaded, ""]
    start, end = (_duration(t - origin) for t in (question.start, question.end))
    if question.step:
        lines.append(f"eval range from {start} to {end} step {_duration(question.step)} {question.query}")
    else:
        lines.append(f"eval instant at {start} {question.query}")
    if answer.error is not None:
        lines.append("  expect fail")
    for labels, points in answer.rows:
        lines.append(f"  {_name(dict(labels))} {_points(question, points)}")
    return "\n".join(lines) + "\n"


def _duration(ms: int) -> str:
    sign = "-" if ms < 0 else ""
    return f"{sign}{abs(ms) // 1000}s" if ms % 1000 == 0 else f"{sign}{abs(ms)}ms"


def _name(labels: dict[str, str] | LabelSet) -> str:
    found = dict(labels)
    name = found.pop("__name__", "")
    inside = ", ".join(f"{n}={quote(v)}" for n, v in sorted(found.items()))
    return name + ("{" + inside + "}" if inside or not name else "")


def _values(series: Series, origin: int, step: int) -> str:
    out, at = [], origin
    for time, value in series.samples:
        gap = (time - at) // step
        if gap:
            out.append(f"_x{gap}" if gap > 1 else "_")
        out.append(_value(value))
        at = time + step
    return " ".join(out)


def _points(question: Question, points: Sequence[tuple[int, Value]]) -> str:
    if not question.step:
        return _value(points[0][1])
    known = dict(points)
    times = range(question.start, question.end + 1, question.step)
    return " ".join(_value(known[t]) if t in known else "_" for t in times)


def _value(value: Value) -> str:
    if isinstance(value, FloatHistogram):
        return _histogram(value)
    return "stale" if is_stale(value) else format_value(value).removeprefix("+")


def _histogram(h: FloatHistogram) -> str:
    parts = [f"schema:{h.schema}", f"count:{format_value(h.count)}", f"sum:{format_value(h.sum)}"]
    if h.zero_count or h.zero_threshold:
        parts += [f"z_bucket:{format_value(h.zero_count)}", f"z_bucket_w:{format_value(h.zero_threshold)}"]
    if h.custom:
        parts.append(f"custom_values:[{' '.join(map(format_value, h.bounds))}]")
    for prefix, cells in (("", h.positive), ("n_", h.negative)):
        if cells:
            low, high = min(cells), max(cells)
            counts = " ".join(format_value(cells.get(i, 0.0)) for i in range(low, high + 1))
            parts += [f"{prefix}offset:{low}", f"{prefix}buckets:[{counts}]"]
    if h.hint is Hint.GAUGE:
        parts.append("counter_reset_hint:gauge")
    return "{{" + " ".join(parts) + "}}"
