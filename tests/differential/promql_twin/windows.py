"""Functions over range vectors: a series and its samples in a window, at one time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.syntax.nodes import Call, Expr, Extension, Range, Selector, Subquery, unwrap
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import MatchOp

from . import native
from .values import (
    DUPLICATE,
    NAME,
    KahanSum,
    Labels,
    Refused,
    Row,
    Value,
    divide,
    has_duplicates,
    quantile,
    real,
)

if TYPE_CHECKING:
    from .evaluate import Evaluation

Points = list[tuple[int, float]]
HPoints = list[tuple[int, FloatHistogram]]
KEEP_NAME = ("last_over_time", "first_over_time")
COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")


@dataclass(slots=True)
class Window:
    """One call: the samples of a series in ``(start, end]``, and more when the selector is extended."""

    ev: Evaluation
    call: Call
    arg: Range | Subquery
    name: str
    time: int
    start: int
    end: int
    samples: list[tuple[int, Value]]
    scalars: list[float]

    @property
    def floats(self) -> Points:
        return [(t, v) for t, v in self.samples if not isinstance(v, FloatHistogram)]

    @property
    def histograms(self) -> HPoints:
        return [(t, v) for t, v in self.samples if isinstance(v, FloatHistogram)]

    @property
    def extension(self) -> Extension:
        return self.arg.selector.extension if isinstance(self.arg, Range) else Extension.NONE

    @property
    def seconds(self) -> float:
        return self.ev.span(self.arg) / 1000

    def warn(self, text: str) -> None:
        self.ev.warn(text, self.arg)

    def inform(self, text: str) -> None:
        self.ev.inform(text, self.arg)

    def floats_only(self) -> Points:
        """The floats, with a note when there are histograms between."""
        floats = self.floats
        if floats and self.histograms:
            self.inform(notes.ignored_in_mixed_range(self.name))
        return floats


def rows(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    function = call.function
    at = next(i for i, a in enumerate(call.args) if isinstance(unwrap(a), Range | Subquery))
    arg = unwrap(call.args[at])
    assert isinstance(arg, Range | Subquery)
    scalars = [ev.scalar(a, times) for i, a in enumerate(call.args) if i != at]
    if isinstance(arg, Range) and arg.selector.extension is not Extension.NONE:
        allowed = ["rate", "increase", "delta"]
        if arg.selector.extension is Extension.ANCHORED:
            allowed += ["resets", "changes"]
        if function not in allowed:
            raise Refused("modifier in the wrong place")
    out = []
    for labels, drop, windows in ev.all_windows(arg, times):
        row = Row(dict(labels), drop=drop)
        for i, time in enumerate(times):
            if not windows[i]:
                continue
            start, end = ev.window_bounds(arg, time)
            name = labels.get(NAME, "")
            window = Window(ev, call, arg, name, time, start, end, windows[i], [s[time] for s in scalars])
            if window.extension is not Extension.NONE and window.histograms:
                raise Refused("smoothed and anchored modifiers do not work with native histograms")
            value = FUNCTIONS[function](window)
            if value is not None:
                row.points[time] = value
        if function in ("rate", "increase") and any(
            not isinstance(v, FloatHistogram) for v in row.points.values()
        ):
            name = labels.get(NAME, "")
            if name and not name.endswith(COUNTER_SUFFIXES):
                ev.inform(notes.possible_non_counter(name), arg)
        if row.points:
            if function not in KEEP_NAME:
                row.labels, row.drop = ev.dropped(row.labels), True
            out.append(row)
    if function == "absent_over_time":
        return _absence(ev, arg, out, times)
    if not ev.delayed and has_duplicates([r.labels for r in out]):
        raise Refused(DUPLICATE)
    return out


def _absence(ev: Evaluation, arg: Expr, found: list[Row], times: list[int]) -> list[Row]:
    covered = {t for row in found for t in row.points}
    missing = {t: 1.0 for t in times if t not in covered}
    selector = arg.selector if isinstance(arg, Range) else None
    return [Row(absent_labels(selector), missing, drop=True)] if missing else []


def absent_labels(selector: Selector | None) -> Labels:
    """Labels that the missing series would have had: from `=` matchers of labels that no other one names after."""
    if selector is None:
        return {}
    found: Labels = {}
    named: set[str] = set()
    for m in selector.matchers:
        if m.name == NAME:
            continue
        if m.op is MatchOp.EQUAL and m.name not in named:
            found[m.name] = m.value
            named.add(m.name)
        else:
            found.pop(m.name, None)
    return {n: v for n, v in found.items() if v}


# ---- counters and slopes -----------------------------------------------------------------------------------------


def _rate(w: Window, *, counter: bool, per_second: bool) -> Value | None:
    if w.extension is not Extension.NONE:
        return _extended_rate(w, counter=counter, per_second=per_second)
    floats, histograms = w.floats, w.histograms
    if floats and histograms:
        w.warn(notes.mixed_floats_histograms(w.name))
        return None
    result: Value | None
    if len(histograms) > 1:
        times = [t for t, _ in histograms]
        result = native.rate(w, histograms, counter=counter)
        if result is None:
            return None
        first, total = histograms[0][1].count, result.count
    elif len(floats) > 1:
        times = [t for t, _ in floats]
        result = floats[-1][1] - floats[0][1]
        if counter:
            for (_, before), (_, now) in pairwise(floats):
                if now < before:
                    result += before
        first, total = floats[0][1], result
    else:
        return None
    to_start, to_end = (times[0] - w.start) / 1000, (w.end - times[-1]) / 1000
    sampled = (times[-1] - times[0]) / 1000
    gap = sampled / (len(times) - 1)
    to_zero = math.inf
    if counter and total > 0 and first >= 0:
        to_zero = sampled * divide(first, total)
    if w.ev.old:
        to_start = min(to_start, to_zero) if to_zero == to_zero else to_start
        to_start = to_start if to_start < gap * 1.1 else gap / 2
        to_end = to_end if to_end < gap * 1.1 else gap / 2
    else:
        to_start = gap / 2 if to_start >= gap * 1.1 else to_start
        to_start = to_zero if to_zero < to_start else to_start
        to_end = gap / 2 if to_end >= gap * 1.1 else to_end
    factor = (sampled + to_start + to_end) / sampled
    if per_second:
        factor /= w.seconds
    return (
        native.scaled(result, factor)
        if isinstance(result, FloatHistogram)
        else real(np.multiply, result, factor)
    )


def _between(a: tuple[int, float], b: tuple[int, float], time: int, *, counter: bool) -> float:
    low = 0.0 if counter and b[1] < a[1] else a[1]
    return low + (b[1] - low) * (time - a[0]) / (b[0] - a[0])


def _extended_rate(w: Window, *, counter: bool, per_second: bool) -> float | None:
    points = w.floats
    before = [i for i, p in enumerate(points) if p[0] <= w.start]
    first = before[-1] if before and before[-1] < len(points) - 1 else max(0, len(before) - 1)
    first = min(first, len(points) - 1)
    smoothed = w.extension is Extension.SMOOTHED
    last = len(points) - 1
    if smoothed:
        last = next((i for i, p in enumerate(points) if p[0] >= w.end), last)
    if points[last][0] <= w.start:
        return None
    left, right = points[first][1], points[last][1]
    if smoothed and points[first][0] < w.start:
        left = _between(points[first], points[first + 1], w.start, counter=counter)
    if smoothed and last > 0 and points[last][0] > w.end:
        right = _between(points[last - 1], points[last], w.end, counter=counter)
    result = right - left
    if counter:
        inside = points[first + (points[first][0] <= w.start) : last + 1 - (points[last][0] >= w.end)]
        level = left
        for _, value in inside:
            if value < level:
                result += level
            level = value
        if right < level:
            result += level
    return result / w.seconds if per_second else result


def smoothed_value(ev: Evaluation, samples: object, time: int) -> float | None:
    """`selector smoothed` at one time."""
    reach = ev.options.lookback
    assert isinstance(samples, list | tuple)
    near = [(t, v) for t, v in samples if time - reach < t <= time + reach and not native.is_stale_value(v)]
    if any(isinstance(v, FloatHistogram) for _, v in near):
        raise Refused("smoothed and anchored modifiers do not work with native histograms")
    before, after = [s for s in near if s[0] <= time], [s for s in near if s[0] > time]
    if not before:
        return None
    if before[-1][0] == time or not after:
        return float(before[-1][1])
    return _between(before[-1], after[0], time, counter=False)


def _last_two(w: Window, *, counter: bool) -> Value | None:
    if len(w.samples) < 2:
        return None
    (t0, a), (t1, b) = w.samples[-2:]
    seconds = (t1 - t0) / 1000
    if isinstance(a, FloatHistogram) and isinstance(b, FloatHistogram):
        found = native.last_two(w, a, b, counter=counter)
        return found if found is None or not counter else native.divided(found, seconds)
    if isinstance(a, FloatHistogram) or isinstance(b, FloatHistogram):
        w.warn(notes.mixed_floats_histograms(w.name))
        return None
    result = b if counter and b < a else b - a
    return result / seconds if counter else result


def _count_pairs(w: Window, differs: Callable[[Value, Value], bool]) -> float | None:
    samples = w.samples
    if w.extension is Extension.ANCHORED:
        if samples[-1][0] <= w.start:
            return None
        before = [i for i, s in enumerate(samples) if s[0] <= w.start]
        samples = samples[before[-1] if before else 0 :]
    return float(sum(differs(a[1], b[1]) for a, b in pairwise(samples)))


def _is_reset(a: Value, b: Value) -> bool:
    if isinstance(a, FloatHistogram) and isinstance(b, FloatHistogram):
        return native.is_reset(a, b)
    if isinstance(a, FloatHistogram) or isinstance(b, FloatHistogram):
        return True
    return b < a


def _is_change(a: Value, b: Value) -> bool:
    if isinstance(a, FloatHistogram) and isinstance(b, FloatHistogram):
        return not native.equal(a, b)
    if isinstance(a, FloatHistogram) or isinstance(b, FloatHistogram):
        return True
    return a != b and not (a != a and b != b)


def _regression(points: Points, origin: int, old: bool) -> tuple[float, float]:
    """Slope per second and value at `origin`."""
    n = float(len(points))
    if all(v == points[0][1] for _, v in points[1:]):
        constant = points[0][1]
        return (math.nan, math.nan) if math.isinf(constant) else (0.0, constant)
    sums = [KahanSum(old=old) for _ in range(4)]
    for time, value in points:
        x = (time - origin) / 1000
        for total, term in zip(sums, (x, value, real(np.multiply, x, value), x * x), strict=True):
            total.add(term)
    sx, sy, sxy, sxx = (s.total + s.lost for s in sums)
    slope = divide(sxy - sx * sy / n, sxx - sx * sx / n)
    return slope, sy / n - slope * sx / n


def _deriv(w: Window) -> float | None:
    floats = w.floats_only()
    return None if len(floats) < 2 else _regression(floats, floats[0][0], w.ev.old)[0]


def _predict(w: Window) -> float | None:
    floats = w.floats_only()
    if len(floats) < 2:
        return None
    slope, here = _regression(floats, w.time, w.ev.old)
    return real(np.multiply, slope, w.scalars[0]) + here


def _smoothing(w: Window) -> float | None:
    factor, trend = w.scalars
    if factor <= 0 or factor >= 1 or trend <= 0 or trend >= 1:
        raise Refused("invalid factor")
    points = w.floats_only()
    if len(points) < 2:
        return None
    before, level, slope = 0.0, points[0][1], points[1][1] - points[0][1]
    for i, (_, value) in enumerate(points[1:]):
        if i:
            slope = trend * (level - before) + (1 - trend) * slope
        before, level = level, factor * value + (1 - factor) * (level + slope)
    return level


# ---- over time -----------------------------------------------------------------------------------------------------


def _sum(w: Window) -> Value | None:
    if w.floats and w.histograms:
        w.warn(notes.mixed_floats_histograms(w.name))
        return None
    if not w.floats:
        return native.total(w, [h for _, h in w.histograms], average=False)
    total = KahanSum(old=w.ev.old)
    for _, value in w.floats:
        total.add(value)
    return total.total if math.isinf(total.total) else total.total + total.lost


def _avg(w: Window) -> Value | None:
    if w.floats and w.histograms:
        w.warn(notes.mixed_floats_histograms(w.name))
        return None
    if not w.floats:
        return native.total(w, [h for _, h in w.histograms], average=True)
    values = [v for _, v in w.floats]
    return old_mean(values) if w.ev.old else mean(values)


def mean(values: list[float]) -> float:
    """The plain one while the sum is finite, then a running one."""
    total = KahanSum(total=values[0])
    running = False
    for n, value in enumerate(values[1:], 2):
        if not running:
            attempt = KahanSum(total=total.total, lost=total.lost)
            attempt.add(value)
            if not math.isinf(attempt.total):
                total = attempt
                continue
            running = True
            total = KahanSum(total=total.total / (n - 1), lost=total.lost / (n - 1))
        q = (n - 1) / n
        total = KahanSum(total=q * total.total, lost=q * total.lost)
        total.add(value / n)
    if running:
        return total.total + total.lost
    return total.total / len(values) + total.lost / len(values)


def old_mean(values: list[float]) -> float:
    running = KahanSum(old=True)
    for n, value in enumerate(values, 1):
        if math.isinf(running.total):
            if math.isinf(value) and (running.total > 0) == (value > 0):
                continue
            if not math.isinf(value) and value == value:
                continue
        running.add(value / n - running.total / n)
    return running.total if math.isinf(running.total) else running.total + running.lost


def _extreme(w: Window, *, greatest: bool, when: bool) -> float | None:
    best: tuple[int, float] | None = None
    for time, value in w.floats_only():
        if best is None:
            best = (time, value)
        better = value > best[1] if greatest else value < best[1]
        if better or best[1] != best[1] or (when and value == best[1]):
            best = (time, value)
    return None if best is None else best[0] / 1000 if when else best[1]


def _variance(w: Window) -> float | None:
    floats = w.floats_only()
    if not floats:
        return None
    middle, spread = KahanSum(old=w.ev.old), KahanSum(old=w.ev.old)
    for n, (_, value) in enumerate(floats, 1):
        delta = value - (middle.total + middle.lost)
        middle.add(delta / n)
        spread.add(real(np.multiply, delta, value - (middle.total + middle.lost)))
    return (spread.total + spread.lost) / len(floats)


def _deviation(w: Window) -> float | None:
    found = _variance(w)
    return None if found is None else real(np.sqrt, found)


def _quantile(w: Window) -> float | None:
    floats = w.floats
    if not floats:
        return None
    q = w.scalars[0]
    if not 0 <= q <= 1:
        w.ev.warn(notes.invalid_quantile(q), unwrap(w.call.args[0]))
    if w.histograms:
        w.ev.inform(notes.ignored_in_mixed_range(w.name), unwrap(w.call.args[0]))
    return quantile(q, [v for _, v in floats])


def _mad(w: Window) -> float | None:
    values = [v for _, v in w.floats_only()]
    if not values:
        return None
    if any(v != v for v in values):
        return math.nan
    median = quantile(0.5, values)
    return quantile(0.5, [abs(v - median) for v in values])


FUNCTIONS: dict[str, Callable[[Window], Value | None]] = {
    "rate": lambda w: _rate(w, counter=True, per_second=True),
    "increase": lambda w: _rate(w, counter=True, per_second=False),
    "delta": lambda w: _rate(w, counter=False, per_second=False),
    "irate": lambda w: _last_two(w, counter=True),
    "idelta": lambda w: _last_two(w, counter=False),
    "resets": lambda w: _count_pairs(w, _is_reset),
    "changes": lambda w: _count_pairs(w, _is_change),
    "deriv": _deriv,
    "predict_linear": _predict,
    "double_exponential_smoothing": _smoothing,
    "sum_over_time": _sum,
    "avg_over_time": _avg,
    "count_over_time": lambda w: float(len(w.samples)),
    "present_over_time": lambda w: 1.0,
    "absent_over_time": lambda w: 1.0,
    "last_over_time": lambda w: w.samples[-1][1],
    "first_over_time": lambda w: w.samples[0][1],
    "min_over_time": lambda w: _extreme(w, greatest=False, when=False),
    "max_over_time": lambda w: _extreme(w, greatest=True, when=False),
    "ts_of_min_over_time": lambda w: _extreme(w, greatest=False, when=True),
    "ts_of_max_over_time": lambda w: _extreme(w, greatest=True, when=True),
    "ts_of_first_over_time": lambda w: w.samples[0][0] / 1000,
    "ts_of_last_over_time": lambda w: w.samples[-1][0] / 1000,
    "stdvar_over_time": _variance,
    "stddev_over_time": _deviation,
    "quantile_over_time": _quantile,
    "mad_over_time": _mad,
}
